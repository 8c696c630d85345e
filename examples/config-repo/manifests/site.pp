# muster puts who this instance is into the structured fact `muster`.
unless $facts['muster'] {
  fail('The fact "muster" is missing: let muster run Puppet, or write /etc/facter/facts.d/muster.json yourself')
}

# What has to be so before the first package is installed goes into a stage of its own.
stage { 'setup':
  before => Stage['main'],
}

class { 'profile::setup':
  stage => 'setup',
}

include "role::${facts['muster']['role']}"
