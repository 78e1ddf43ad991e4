package facts

import (
	"encoding/json"
	"time"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// dlt645Message tells what a frame says beside its head: one of the messages of
// the codec, else its data as they are. A password is never told.
func dlt645Message(o map[string]any, f dlt645.Frame) {
	for _, tell := range [...]func(map[string]any, dlt645.Frame) bool{
		dlt645Read, dlt645Reply, dlt645Part, dlt645Write, dlt645Address, dlt645Time, dlt645Freeze, dlt645Relay, dlt645Clear,
		dlt645Baud, dlt645Password, dlt645Security, dlt645Repeat, dlt645Begun,
	} {
		if tell(o, f) {
			return
		}
	}
}

func dlt645Read(o map[string]any, f dlt645.Frame) bool {
	switch f.Control {
	case dlt645.ReadData, dlt645.ReadData97, dlt645.ReadMore, dlt645.ReadMore97:
	default:
		return false
	}
	return dlt645Head(o, f)
}

// dlt645Head tells the identifier that data begin with, and the rest as they are.
func dlt645Head(o map[string]any, f dlt645.Frame) bool {
	di, rest, err := f.CutDI()
	if err != nil {
		return true
	}
	o["DI"] = di.String()
	if item, ok := dlt645.Lookup(di, len(rest)); ok {
		o["name"] = item.Name
	}
	if len(rest) > 0 && !di.HoldsPassword() {
		o["payload"] = upper(rest)
	}
	return true
}

func dlt645Reply(o map[string]any, f dlt645.Frame) bool {
	r, err := dlt645.DecodeReply(f)
	if err != nil {
		return false
	}
	dlt645Head(o, f)
	dlt645Values(o, r)
	return true
}

func dlt645Part(o map[string]any, f dlt645.Frame) bool {
	p, err := dlt645.DecodePart(f)
	if err != nil {
		return false
	}
	dlt645Head(o, f)
	if p.DI.Edition == dlt645.Of2007 {
		o["frame_seq"] = int(p.Sequence)
	}
	return true
}

func dlt645Write(o map[string]any, f dlt645.Frame) bool {
	w, err := dlt645.DecodeWrite(f)
	if err != nil {
		return false
	}
	o["DI"] = w.DI.String()
	dlt645Grant(o, w.Grant)
	dlt645Values(o, dlt645.Reply{DI: w.DI, Values: w.Values})
	return true
}

func dlt645Grant(o map[string]any, g dlt645.Grant) {
	o["PA"] = upper([]byte{g.Access.Level})
	o["operator"] = dlt645Digits(g.Operator[:])
}

func dlt645Address(o map[string]any, f dlt645.Frame) bool {
	a, err := dlt645.DecodeAddress(f)
	if err != nil {
		r, err := dlt645.DecodeReaddress(f)
		if err != nil {
			return false
		}
		a = r.Address
	}
	o["address"] = a.String()
	return true
}

func dlt645Time(o map[string]any, f dlt645.Frame) bool {
	t, err := dlt645.DecodeTime(f)
	if err != nil {
		return false
	}
	o["time"] = local(t, "2006-01-02 15:04:05")
	return true
}

func local(t time.Time, layout string) string { return t.UTC().Add(dlt645.ZoneOffset).Format(layout) }

func dlt645Freeze(o map[string]any, f dlt645.Frame) bool {
	z, err := dlt645.DecodeFreeze(f)
	if err != nil {
		return false
	}
	o["month"], o["day"], o["hour"], o["minute"] = z.Month, z.Day, z.Hour, z.Minute
	return true
}

func dlt645Relay(o map[string]any, f dlt645.Frame) bool {
	if r, err := dlt645.DecodeRelay(f); err == nil {
		dlt645Grant(o, r.Grant)
		o["N1"], o["N2"] = upper([]byte{byte(r.Command)}), upper([]byte{r.Delay})
		o["deadline"] = local(r.Deadline, "2006-01-02 15:04:05")
		o["N1_meaning"] = r.Command.Meaning()
		return true
	}
	r, err := dlt645.DecodeSealedRelay(f)
	if err != nil {
		return false
	}
	dlt645Grant(o, r.Grant)
	o["payload"], o["mac"] = upper(r.Body), upper(r.MAC[:])
	return true
}

func dlt645Clear(o map[string]any, f dlt645.Frame) bool {
	c, err := dlt645.DecodeClear(f)
	if err != nil {
		return false
	}
	dlt645Grant(o, c.Grant)
	if c.What == dlt645.ClearEvents {
		o["DI"] = dlt645.ID(c.Events).String()
	}
	return true
}

func dlt645Baud(o map[string]any, f dlt645.Frame) bool {
	z, err := dlt645.DecodeBaud(f)
	if err != nil {
		return false
	}
	o["baud"], _ = z.Rate()
	return true
}

func dlt645Password(o map[string]any, f dlt645.Frame) bool {
	p, err := dlt645.DecodeRepassword(f)
	if err != nil {
		return false
	}
	if p.DI.Edition == dlt645.Of2007 {
		o["DI"] = p.DI.String()
	}
	o["PA"], o["new_PA"] = upper([]byte{p.Old.Level}), upper([]byte{p.New.Level})
	return true
}

// dlt645Repeat is a 1997 meter's last answer, once more.
func dlt645Repeat(o map[string]any, f dlt645.Frame) bool {
	if f.Control != dlt645.Security.Reply() || f.Edition() != dlt645.Of1997 {
		return false
	}
	return dlt645Head(o, f)
}

// dlt645Begun is a message that begins with its identifier, as the standard has it,
// and goes on in some other way: a write without a password, a part without a
// number. The identifier is told; what follows may hold a password anywhere.
func dlt645Begun(o map[string]any, f dlt645.Frame) bool {
	switch f.Control.Function() {
	case dlt645.WriteData, dlt645.WriteData97, dlt645.ReadMore, dlt645.SetPassword:
	default:
		return false
	}
	di, _, err := f.CutDI()
	if err == nil && (f.Control.Function() != dlt645.SetPassword || di.HoldsPassword()) { // else a level and an old password stand there
		o["DI"] = di.String()
	}
	return true
}

func dlt645Security(o map[string]any, f dlt645.Frame) bool {
	if f.Control.Function() != dlt645.Security || f.Edition() != dlt645.Of2007 {
		return false
	}
	dlt645Head(o, f)
	if cmd, err := dlt645.DecodeSecurityCommand(f); err == nil {
		o["operator"], o["payload"] = dlt645Digits(cmd.Operator[:]), upper(cmd.Payload)
	}
	if p, err := dlt645.DecodePurchase(f); err == nil {
		o["amount"], o["count"], o["customer"] = yuan(p.Purchase.Fen), p.Purchase.Count, p.Purchase.Customer.String()
	}
	if c, err := dlt645.DecodeAccount(f); err == nil {
		o["remaining"], o["count"], o["customer"] = yuan(c.Fen), c.Count, c.Customer.String()
	}
	return true
}

func yuan(fen int64) json.Number { return decimal(fen, -2) }
