package facts

import (
	"strings"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func decodeDLT645(line []byte) (frames []map[string]any, skipped int, err error) {
	rest := line
	for {
		f, before, after, err := dlt645.Next(nil, rest)
		if err != nil {
			break
		}
		woken := wakeUps(rest[:before])
		frames = append(frames, dlt645Frame(f, woken))
		skipped += before - woken
		rest = after
	}
	if len(frames) == 0 {
		return nil, 0, dlt645.Explain(line)
	}
	return frames, skipped + len(rest), nil
}

func dlt645Frame(f dlt645.Frame, woken int) map[string]any {
	c := f.Control
	o := map[string]any{
		"preamble": woken, "addr": f.Address.String(), "C": c.String(), "reply": c.FromMeter(), "abnormal": c.Abnormal(),
		"more_follows": c.MoreFollows(), "function": int(c.Function()), "L": len(f.Data),
	}
	if kind := dlt645AddressKind(f.Address); kind != "" {
		o["addr_kind"] = kind
	}
	if edition := f.Edition(); edition != dlt645.Unknown {
		o["version"] = edition.String()
	}
	if meaning := c.Meaning(); meaning != "" {
		o["meaning"] = meaning
	}
	if c.Abnormal() {
		dlt645Refusal(o, f)
		return o
	}
	o["data_decoded"] = upper(f.Data) // as it was sent: Watch leaves it out where it is secret
	if f.Secret() {
		o["secret"] = true
	}
	bare := f.Bare()
	f.Data = f.Shown() // nothing below sees a password
	if bare {
		dlt645Head(o, f)
		return o
	}
	dlt645Message(o, f)
	return o
}

func dlt645AddressKind(a dlt645.Address) string {
	switch {
	case a == dlt645.Everyone():
		return "broadcast (99)"
	case a == dlt645.AnyMeter():
		return "any meter (AA)"
	case a.Wild():
		return "short (AA)"
	}
	return ""
}

// dlt645Refusal tells ERR or SERR, or what there is in their place.
func dlt645Refusal(o map[string]any, f dlt645.Frame) {
	switch err := dlt645.Refused(f).(type) {
	case *dlt645.RefusedError:
		o["err"], o["err_bits"] = upper(f.Data), texts(err.Reasons())
	case *dlt645.SecurityError:
		o["serr_raw"], o["serr_bits"] = upper(f.Data), texts(err.Reasons())
		o["serr"] = dlt645Digits(f.Data)
	default:
		o["payload"] = upper(f.Data)
	}
}

func texts(errs []error) []string {
	all := []string{}
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// dlt645Digits are bytes as they are read: the last one first.
func dlt645Digits(b []byte) string {
	var s strings.Builder
	for i := len(b) - 1; i >= 0; i-- {
		s.WriteString(upper(b[i : i+1]))
	}
	return s.String()
}
