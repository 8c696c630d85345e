# A plain machine.
class role::base {
  include profile::base
}
