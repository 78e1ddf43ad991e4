package dlt645

// AskAddress is the request for the address of the one meter on the line
// (C = 13, 2007 only).
func AskAddress() Frame { return Frame{Address: AnyMeter(), Control: ReadAddress} }

// AddressFrame is the answer of meter a to AskAddress.
func AddressFrame(a Address) Frame {
	return Frame{Address: a, Control: ReadAddress.Reply(), Data: a[:]}
}

// DecodeAddress reads the answer to AskAddress: the address in its data, which the
// meter answers to from then on. Errors as DecodeReply.
func DecodeAddress(f Frame) (Address, error) {
	if err := Refused(f); err != nil {
		return Address{}, err
	}
	if f.Control != ReadAddress.Reply() || len(f.Data) != len(Address{}) {
		return Address{}, malformed(f, "answer with an address")
	}
	return Address(f.Data), nil
}

// Readdress gives the one meter on the line another address (C = 15, 1997: 0A).
// It is answered, as [Done] reads it, from the new address.
type Readdress struct {
	Edition Edition
	Address Address
}

// Frame is the request.
func (r Readdress) Frame() Frame {
	f := Frame{Address: AnyMeter(), Control: WriteAddress, Data: r.Address[:]}
	if r.Edition == Of1997 {
		f.Control = WriteAddress97
	}
	return f
}

// DecodeReaddress reads a request that Readdress.Frame made. It fails with
// ErrMalformed where the frame is anything else.
func DecodeReaddress(f Frame) (r Readdress, err error) {
	edition, ok := readEdition(f.Control, WriteAddress97, WriteAddress)
	if !ok || len(f.Data) != len(r.Address) {
		return Readdress{}, malformed(f, "address to write")
	}
	return Readdress{Edition: edition, Address: Address(f.Data)}, nil
}
