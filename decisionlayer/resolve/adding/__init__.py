"""ROOM adding: how parts make up a whole, and where their sum would count something twice."""
