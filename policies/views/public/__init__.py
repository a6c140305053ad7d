"""Pages that know no reader: policies, versions, redlines, files, feeds, following by mail."""
