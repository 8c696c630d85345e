include page

# What careless code prints.
notify { 'db_password=CanaryOfPuppet9': }
exec { 'tells a token':
  command   => '/bin/echo "Authorization: Bearer CanaryOfTheToken9"',
  logoutput => true,
}
exec { 'tells what it should not know':
  command   => '/usr/bin/grep -ohE "[A-Za-z0-9+/]{43}=|Canary-Of-Git%2F9" /etc/muster/lab/dns.key /etc/muster/git-credentials',
  logoutput => true,
}

# A title that is a command line, and fails.
exec { "/bin/sh -c 'echo CanaryOfTheOutput9; exit 3' -u admin:CanaryOfTheExec9 https://canary.example/CanaryOfTheUrl9":
  logoutput => true,
}

file { '/srv/missing/file':
  content => "its directory is not there\n",
}
