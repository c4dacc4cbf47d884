"""The public pages of media kits."""
