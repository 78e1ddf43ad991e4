package modbus

import "fmt"

// Function is a function code (§6). The high bit is an exception's and is never
// set here.
type Function byte

// The functions that are read and written here; others stay raw bytes.
const (
	ReadCoils              Function = 0x01
	ReadDiscreteInputs     Function = 0x02
	ReadHoldingRegisters   Function = 0x03
	ReadInputRegisters     Function = 0x04
	WriteSingleCoil        Function = 0x05
	WriteSingleRegister    Function = 0x06
	WriteMultipleCoils     Function = 0x0F
	WriteMultipleRegisters Function = 0x10

	exceptionBit = 0x80
)

// String is the function's name in the standard.
func (f Function) String() string {
	switch f {
	case ReadCoils:
		return "read coils"
	case ReadDiscreteInputs:
		return "read discrete inputs"
	case ReadHoldingRegisters:
		return "read holding registers"
	case ReadInputRegisters:
		return "read input registers"
	case WriteSingleCoil:
		return "write single coil"
	case WriteSingleRegister:
		return "write single register"
	case WriteMultipleCoils:
		return "write multiple coils"
	case WriteMultipleRegisters:
		return "write multiple registers"
	}
	return f.foreign()
}

// foreign is the name of a function whose messages are not interpreted.
func (f Function) foreign() string {
	switch f {
	case 0x07:
		return "read exception status"
	case 0x08:
		return "diagnostics"
	case 0x0B:
		return "get comm event counter"
	case 0x0C:
		return "get comm event log"
	case 0x11:
		return "report server id"
	case 0x14:
		return "read file record"
	case 0x15:
		return "write file record"
	case 0x16:
		return "mask write register"
	case 0x17:
		return "read/write multiple registers"
	case 0x18:
		return "read fifo queue"
	case 0x2B:
		return "encapsulated interface transport"
	}
	return fmt.Sprintf("function %d", byte(f))
}

// The most that one message may ask for or carry (§6.1 to §6.12), so that none
// is longer than 253 bytes.
const (
	MaxReadBits       = 2000
	MaxReadRegisters  = 125
	MaxWriteBits      = 1968
	MaxWriteRegisters = 123
)

// bits tells whether the function counts coils or inputs, not registers.
func (f Function) bits() bool {
	return f == ReadCoils || f == ReadDiscreteInputs || f == WriteMultipleCoils
}

// most is the highest quantity, 0 where the function has none.
func (f Function) most() int {
	switch f {
	case ReadCoils, ReadDiscreteInputs:
		return MaxReadBits
	case ReadHoldingRegisters, ReadInputRegisters:
		return MaxReadRegisters
	case WriteMultipleCoils:
		return MaxWriteBits
	case WriteMultipleRegisters:
		return MaxWriteRegisters
	}
	return 0
}

// size is how many bytes a quantity takes.
func (f Function) size(quantity int) int {
	if f.bits() {
		return (quantity + 7) / 8
	}
	return 2 * quantity
}
