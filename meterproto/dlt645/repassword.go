package dlt645

// Repassword changes the password of a level (C = 18, 1997: 0F).
type Repassword struct {
	DI       DI // of the password, 04000C01 to 04000C0A; 1997 has the edition only
	Old, New Access
}

// Frame is the request to meter a.
func (p Repassword) Frame(a Address) Frame {
	f := Frame{Address: a, Control: SetPassword97}
	if p.DI.Edition != Of1997 {
		f.Control, f.Data = SetPassword, p.DI.appendTo(nil)
	}
	f.Data = p.New.appendTo(p.Old.appendTo(f.Data))
	return f
}

// DecodeRepassword reads a request that Repassword.Frame made. It fails with
// ErrMalformed where the frame is anything else.
func DecodeRepassword(f Frame) (p Repassword, err error) {
	edition, ok := readEdition(f.Control, SetPassword97, SetPassword)
	rest := f.Data
	if ok && edition == Of2007 {
		if p.DI, rest, err = cutDI(edition, f.Data); err != nil {
			return Repassword{}, err
		}
	}
	if !ok || len(rest) != 2*accessSize {
		return Repassword{}, malformed(f, "password change")
	}
	p.DI.Edition = edition
	p.Old, rest = cutAccess(rest)
	p.New, _ = cutAccess(rest)
	return p, nil
}

// RepasswordedFrame is the answer of meter a: the level and password that hold
// from now on.
func RepasswordedFrame(a Address, e Edition, now Access) Frame {
	f := Frame{Address: a, Control: SetPassword.Reply(), Data: now.appendTo(nil)}
	if e == Of1997 {
		f.Control = SetPassword97.Reply()
	}
	return f
}

// DecodeRepassworded reads the answer to a Repassword. Errors as DecodeReply.
func DecodeRepassworded(f Frame) (Access, error) {
	if err := Refused(f); err != nil {
		return Access{}, err
	}
	if _, ok := readEdition(f.Control, SetPassword97.Reply(), SetPassword.Reply()); !ok || len(f.Data) != accessSize {
		return Access{}, malformed(f, "answer to a password change")
	}
	now, _ := cutAccess(f.Data)
	return now, nil
}
