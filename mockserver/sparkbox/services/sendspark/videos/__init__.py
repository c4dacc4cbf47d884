"""Videos: rendering, clips, languages and test addresses."""
