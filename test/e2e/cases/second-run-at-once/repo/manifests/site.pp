exec { '/bin/sleep 4': }
-> class { 'page': }
