"""ROOM values: the shapes that the model is made of, frozen and without any rule."""
