"""What the world sees: types, directives, the classification check, the committed SDL."""
