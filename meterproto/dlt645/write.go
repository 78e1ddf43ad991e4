package dlt645

// Write changes what a meter keeps under an identifier (C = 14, 1997: 04). It is
// answered as [Done] reads it.
type Write struct {
	DI     DI
	Grant  Grant // 1997 meters take no operator
	Values []byte
}

// Frame is the request to meter a.
func (w Write) Frame(a Address) Frame {
	f := Frame{Address: a, Control: WriteData, Data: w.DI.appendTo(nil)}
	if w.DI.Edition == Of1997 {
		f.Control = WriteData97
		f.Data = w.Grant.Access.appendTo(f.Data)
	} else {
		f.Data = w.Grant.appendTo(f.Data)
	}
	f.Data = append(f.Data, w.Values...)
	return f
}

// DecodeWrite reads a request that Write.Frame made. Its Values are a part of
// f.Data. It fails with ErrMalformed where the frame is anything else.
func DecodeWrite(f Frame) (w Write, err error) {
	edition, ok := readEdition(f.Control, WriteData97, WriteData)
	if !ok {
		return Write{}, malformed(f, "write request")
	}
	if w.DI, w.Values, err = cutDI(edition, f.Data); err != nil {
		return Write{}, err
	}
	switch n := len(w.Values); {
	case edition == Of1997 && n >= accessSize:
		w.Grant.Access, w.Values = cutAccess(w.Values)
		return w, nil
	case edition == Of2007 && n >= grantSize:
		w.Grant, w.Values = cutGrant(w.Values)
		return w, nil
	}
	return Write{}, malformed(f, "write request")
}
