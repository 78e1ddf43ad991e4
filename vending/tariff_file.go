package vending

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vendgate/vendgate/ledger"
)

// tariffFile is a tariff as people write it, and as the books keep it.
type tariffFile struct {
	Code      string           `json:"code"`
	Class     UseClass         `json:"class"`
	Region    string           `json:"region,omitempty"`
	From      string           `json:"from"`
	Commodity ledger.Commodity `json:"commodity"`
	Measures  ledger.Commodity `json:"measures,omitempty"`
	Step      int64            `json:"step"`
	Tiers     []tierFile       `json:"tiers"`
	YearStart string           `json:"year_start,omitempty"`
	Counted   Counted          `json:"counted,omitempty"`
	ProRata   bool             `json:"pro_rata,omitempty"`
	Allowance allowanceFile    `json:"allowance,omitzero"`
	Fixed     []fixedFile      `json:"fixed,omitempty"`
	VATBp     *int64           `json:"vat_bp,omitempty"`
	Limits    limitsFile       `json:"limits,omitzero"`
}

// tierFile names both ends, so that a gap or an overlap can be seen.
type tierFile struct {
	From     int64 `json:"from"`
	To       int64 `json:"to,omitempty"`
	PriceFen int64 `json:"price_fen"`
}

type allowanceFile struct {
	Above int   `json:"above"`
	Units int64 `json:"units"`
}

type fixedFile struct {
	Code  string `json:"code"`
	Fen   int64  `json:"fen"`
	Every Every  `json:"every"`
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type limitsFile struct {
	PurchaseFen   int64        `json:"purchase_fen,omitempty"`
	PurchaseUnits int64        `json:"purchase_units,omitempty"`
	MonthFen      int64        `json:"month_fen,omitempty"`
	MonthUnits    int64        `json:"month_units,omitempty"`
	Hoarding      hoardingFile `json:"hoarding,omitzero"`
}

type hoardingFile struct {
	Days    int   `json:"days"`
	Units   int64 `json:"units,omitempty"`
	Percent int64 `json:"percent,omitempty"`
}

// ParseTariff reads a tariff file. A file that cannot be read, a gap, an overlap or
// anything else that is wrong is ErrTariffFile with its line and reason.
func ParseTariff(data []byte) (Tariff, error) {
	f, lines, err := decodeTariff(data)
	if err != nil {
		return Tariff{}, err
	}
	t, wrong, bad := f.tariff()
	if !bad {
		wrong, bad = t.fault()
	}
	if bad {
		return Tariff{}, ErrTariffFile.With("Line", lines.of(wrong.field), "Field", wrong.field, "Reason", wrong.reason)
	}
	return t, nil
}

// tariff turns a file into the noun; true where it cannot.
func (f tariffFile) tariff() (t Tariff, wrong fault, bad bool) {
	t = Tariff{Code: f.Code, Class: f.Class, Region: f.Region, Commodity: f.Commodity, Measures: f.Measures, Step: f.Step, Counted: f.Counted,
		ProRata: f.ProRata, Allowance: Allowance(f.Allowance), VATBp: DefaultVATBp,
		Limits: Limits{f.Limits.PurchaseFen, f.Limits.PurchaseUnits, f.Limits.MonthFen, f.Limits.MonthUnits, Hoarding(f.Limits.Hoarding)}}
	if f.VATBp != nil {
		t.VATBp = *f.VATBp
	}
	if t.Counted == "" {
		t.Counted = OnPurchases
	}
	var err error
	if t.From, err = time.ParseInLocation(time.DateOnly, f.From, Zone); err != nil {
		return t, fault{"from", "tariff_midnight"}, true
	}
	if t.YearStart, err = monthDayOr(f.YearStart); err != nil {
		return t, fault{"year_start", "tariff_day"}, true
	}
	if t.Tiers, wrong, bad = joinTiers(f.Tiers); bad {
		return t, wrong, bad
	}
	for i, c := range f.Fixed {
		at := func(field string) string { return fmt.Sprintf("fixed[%d].%s", i, field) }
		fixed := FixedCharge{Code: c.Code, Fen: c.Fen, Every: c.Every}
		if fixed.Start, err = monthDayOr(c.Start); err != nil {
			return t, fault{at("start"), "tariff_day"}, true
		}
		if fixed.End, err = monthDayOr(c.End); err != nil {
			return t, fault{at("end"), "tariff_day"}, true
		}
		t.Fixed = append(t.Fixed, fixed)
	}
	return t, fault{}, false
}

// joinTiers checks that each tier begins where the one before ends.
func joinTiers(tiers []tierFile) (out []Tier, wrong fault, bad bool) {
	var end int64
	for i, tier := range tiers {
		at := fmt.Sprintf("tiers[%d].from", i)
		switch {
		case i > 0 && end == 0:
			return nil, fault{fmt.Sprintf("tiers[%d].to", i-1), "tariff_open"}, true
		case tier.From > end:
			return nil, fault{at, "tariff_gap"}, true
		case tier.From < end:
			return nil, fault{at, "tariff_overlap"}, true
		}
		end = tier.To
		out = append(out, Tier{tier.To, tier.PriceFen})
	}
	return out, fault{}, false
}

// monthDayOr is the first of January where nothing is said.
func monthDayOr(s string) (MonthDay, error) {
	if s == "" {
		return MonthDay{time.January, 1}, nil
	}
	return ParseMonthDay(s)
}

// MarshalJSON writes the tariff as ParseTariff reads it.
func (t Tariff) MarshalJSON() ([]byte, error) {
	vat := t.VATBp
	f := tariffFile{Code: t.Code, Class: t.Class, Region: t.Region, From: DateOf(t.From).String(), Commodity: t.Commodity, Measures: t.Measures, Step: t.Step,
		YearStart: t.YearStart.String(), Counted: t.Counted, ProRata: t.ProRata,
		Allowance: allowanceFile(t.Allowance), VATBp: &vat,
		Limits: limitsFile{t.Limits.PurchaseFen, t.Limits.PurchaseUnits, t.Limits.MonthFen, t.Limits.MonthUnits,
			hoardingFile(t.Limits.Hoarding)}}
	var end int64
	for _, tier := range t.Tiers {
		f.Tiers = append(f.Tiers, tierFile{end, tier.UpTo, tier.PriceFen})
		end = tier.UpTo
	}
	for _, c := range t.Fixed {
		f.Fixed = append(f.Fixed, fixedFile{c.Code, c.Fen, c.Every, c.Start.String(), c.End.String()})
	}
	return json.Marshal(f)
}

func decodeTariff(data []byte) (f tariffFile, lines fieldLines, err error) {
	refuse := func(line int, field, reason string) error {
		return ErrTariffFile.With("Line", line, "Field", field, "Reason", reason)
	}
	lines, twice, err := readFieldLines(data)
	if err != nil {
		return f, nil, refuse(lineAt(data, offsetOf(err, data)), "", "tariff_json")
	}
	if twice != "" {
		return f, nil, refuse(lines.of(twice), twice, "tariff_twice")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&f)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return f, lines, nil
	case errors.As(err, &kind):
		return f, nil, refuse(lineAt(data, kind.Offset), kind.Field, "tariff_type")
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		name = strings.Trim(name, `"`)
		return f, nil, refuse(lines.named(name), name, "tariff_unknown")
	}
	return f, nil, refuse(lineAt(data, d.InputOffset()), "", "tariff_json")
}

// offsetOf is where in a file JSON ends to be JSON.
func offsetOf(err error, data []byte) int64 {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return syntax.Offset
	}
	return int64(len(data))
}
