"""SparkPost's contract: https://developers.sparkpost.com/api/."""
