"""Ten scenarios as a kit that knows no tool; see README.md."""
