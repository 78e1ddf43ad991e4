package link

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"

	"go.bug.st/serial"
)

// Open opens a serial port as a line. It fails with *GoneError where the port
// is not there, is busy, may not be used or drops the parity; the line that comes
// with that error opens the port at its first exchange, for callers who wait for
// an adapter. A wrong mode gives another error and no line. Even parity is
// meaningless on a pseudo-terminal, which carries whole bytes: there it is not
// in force, and Line.String says so.
func Open(name string, mode Mode) (*Line, error) {
	l, err := New(name, mode, func() (Wire, error) { return openPort(name, mode) })
	if err != nil {
		return nil, err
	}
	return l, l.up()
}

// port is a serial port as a Wire.
type port struct {
	device serial.Port
	mode   serial.Mode
	note   string // what of the mode is not in force
}

func openPort(name string, mode Mode) (Wire, error) {
	check, steer := watchParity(name, mode.Parity), func() error { return nil }
	if mode.RS485 {
		steer = steerRS485(name)
	}
	settings := serial.Mode{
		BaudRate: mode.Baud,
		DataBits: mode.bits(),
		Parity:   map[Parity]serial.Parity{Even: serial.EvenParity, None: serial.NoParity, Odd: serial.OddParity}[mode.Parity],
		StopBits: map[int]serial.StopBits{1: serial.OneStopBit, 2: serial.TwoStopBits}[mode.stops()],
	}
	device, err := serial.Open(name, &settings)
	note, parityErr := check()
	steerErr := steer()
	if err != nil {
		return nil, explain(err)
	}
	if err := errors.Join(parityErr, steerErr); err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return &port{device: device, mode: settings, note: note}, nil
}

// SetBaud changes the rate of the open port, when all has left that was sent.
func (p *port) SetBaud(baud int) error {
	if err := p.drain(); err != nil {
		return err
	}
	p.mode.BaudRate = baud
	return p.device.SetMode(&p.mode)
}

// drain waits until all has left that was sent. Linux breaks that wait off at any signal, and begins it anew for nobody; Go's
// scheduler sends its threads signals.
func (p *port) drain() error {
	for {
		if err := p.device.Drain(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// explain turns the driver's codes into errors that callers know.
func explain(err error) error {
	e, ok := errors.AsType[*serial.PortError](err)
	if !ok {
		return err
	}
	switch e.Code() {
	case serial.PortBusy:
		return ErrBusy
	case serial.PortNotFound:
		return fs.ErrNotExist
	case serial.PermissionDenied:
		return fmt.Errorf("%w: on Linux, join the group dialout", fs.ErrPermission)
	}
	return err
}

// Send drops what an earlier request left unsent: nobody waits for its answer,
// and a peer that does not read must not block the next request.
func (p *port) Send(b []byte) error {
	if err := p.device.ResetOutputBuffer(); err != nil {
		return err
	}
	for len(b) > 0 {
		n, err := p.device.Write(b)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		b = b[n:]
	}
	return nil
}

// Receive reads what is there. The driver's select panics where the process has
// more than 1023 files open; that loses the line, not the process.
func (p *port) Receive(b []byte, wait time.Duration) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("too many open files for the serial driver: %v", r)
		}
	}()
	if err := p.device.SetReadTimeout(wait); err != nil {
		return 0, err
	}
	return p.device.Read(b)
}

// String is what of the mode is not in force.
func (p *port) String() string { return p.note }

// Close gives the port back.
func (p *port) Close() error { return p.device.Close() }
