"""The dictionary, indicators, figures and assessments over the API, a file each; what they share is in `fields`."""
