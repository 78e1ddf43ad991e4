package link

import "golang.org/x/sys/unix"

// watchParity looks at the port through a descriptor of its own. Linux drivers
// drop a parity that they cannot do without an error, and the serial library
// does not read it back. The returned function is called once the port is set.
func watchParity(name string, p Parity) (check func() (note string, err error)) {
	nothing := func() (string, error) { return "", nil }
	if p == None {
		return nothing
	}
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nothing // opening the port itself will say why
	}
	return func() (string, error) {
		defer func() { _ = unix.Close(fd) }()
		settings, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil || settings.Cflag&unix.PARENB != 0 {
			return "", err
		}
		if pseudoTerminal(fd) {
			return "pseudo-terminal: parity is not in force", nil
		}
		return "", ErrParity
	}
}

// pseudoTerminal reports a slave of /dev/pts: major device numbers 136 to 143.
func pseudoTerminal(fd int) bool {
	var s unix.Stat_t
	if unix.Fstat(fd, &s) != nil {
		return false
	}
	major := unix.Major(s.Rdev)
	return major >= 136 && major <= 143
}
