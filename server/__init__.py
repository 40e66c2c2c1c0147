"""The edge: settings, identity, the HTTP application, the command line."""
