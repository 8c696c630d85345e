# What every machine has.
#
# @param packages
#   Packages that are installed everywhere.
class profile::base (
  Array[String[1]] $packages,
) {
  package { $packages:
    ensure => installed,
  }

  include motd
}
