"""The pages people look at: each fed by asking our own GraphQL, as whoever is signed in."""
