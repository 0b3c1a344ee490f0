"""ROOM reach: how names walk over links, from one to many too, and which questions that reaches."""
