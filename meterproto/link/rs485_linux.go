package link

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Flags of struct serial_rs485 (linux/serial.h): in force, and RTS is on while sending.
const (
	rs485Enabled   = 1 << 0
	rs485RTSOnSend = 1 << 1
)

// steerRS485 looks at the port through a descriptor of its own, which must be open before the serial library takes the port for itself
// alone. The returned function is called once the port is set, and asks its driver to switch the transceiver: ErrRS485 where it cannot.
func steerRS485(name string) (steer func() error) {
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return func() error { return err }
	}
	return func() error {
		defer func() { _ = unix.Close(fd) }()
		settings := [8]uint32{rs485Enabled | rs485RTSOnSend} // the rest: delays of 0 ms, and padding
		_, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCSRS485, uintptr(unsafe.Pointer(&settings)))
		if failed != 0 {
			return ErrRS485
		}
		return nil
	}
}
