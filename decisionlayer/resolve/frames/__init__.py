"""Chapter frames: calendars, reporting lines and rates, from the book to values of the model. ``reading.py`` names what there is."""
