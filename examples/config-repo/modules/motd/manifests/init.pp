# The message of the day: whose machine this is and what it is for.
#
# @param contact
#   The contact for this machine.
# @param notice
#   One more sentence, as an environment may want it.
class motd (
  String[1] $contact,
  String $notice = '',
) {
  file { '/etc/motd':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('motd/motd.epp', {
      'contact' => $contact,
      'notice'  => $notice,
      'muster'  => $facts['muster'],
    }),
  }
}
