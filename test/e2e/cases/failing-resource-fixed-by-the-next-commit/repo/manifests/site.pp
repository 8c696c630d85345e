include page

file { '/srv/missing/file':
  content => "its directory is not there\n",
}
