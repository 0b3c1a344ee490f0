"""ROOM drafting: metrics read as far as what they stand on, and the bench on which they are finished."""
