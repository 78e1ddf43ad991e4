package vending

import (
	"slices"
	"strconv"

	"github.com/vendgate/vendgate/ledger/revenue"
)

// Settings are the numbers of RULES.md that a company may set otherwise than they
// are shipped. The database keeps those that it did.
type Settings struct {
	Life     LifeRules
	Shift    ShiftRules
	Invoice  InvoiceRules
	Estimate revenue.Rules
	Jump     JumpLimits
	// KeyVersion is the one to which cards are keyed anew as they are presented (RULES C3); 0 is none. It is the company's to
	// say, for its meters have to know keys of that version before.
	KeyVersion int
}

// DefaultSettings are the settings as shipped.
func DefaultSettings() Settings {
	return Settings{Life: DefaultLifeRules(), Shift: DefaultShiftRules(), Invoice: DefaultInvoiceRules(), Estimate: revenue.Defaults(Zone), Jump: DefaultJumpLimits()}
}

// SettingUnit is what the value of a setting counts.
type SettingUnit string

// The units of settings.
const (
	UnitFen     SettingUnit = "fen"
	UnitBp      SettingUnit = "bp"      // basis points: 1/10,000
	UnitDays    SettingUnit = "days"    //
	UnitDay     SettingUnit = "day"     // of the month; 0 is none
	UnitYes     SettingUnit = "yes"     // 1 is yes, 0 is no
	UnitPieces  SettingUnit = "pieces"  //
	UnitHours   SettingUnit = "hours"   //
	UnitPercent SettingUnit = "percent" //
	UnitCredit  SettingUnit = "credit"  // what the meter counts: litres, Wh or fen
	UnitRoot    SettingUnit = "root"    // a version of the keys; 0 is none
	UnitWeight  SettingUnit = "weight"  // against that of other months
	UnitBank    SettingUnit = "bank"    // the name of a bank account of the company
)

// Setting is one of the company's settings: a whole number in its unit, or a name.
// The list of them is closed.
type Setting struct {
	Name     string
	Rule     string      // the id in RULES.md that it is a number of
	About    string      // the term that says what it is, see words
	Unit     SettingUnit // UnitBank: a name, all others: a number
	Min, Max int64       // of a number
	Eyes     bool        // money depends on it: a second pair of eyes approves a change
	Accrues  bool        // late fees until now are counted by the old value: they are booked before a change

	get func(Settings) SettingValue
	set func(*Settings, SettingValue)
}

// SettingValue is the value of a setting; Name where its unit is a name, else N.
type SettingValue struct {
	N    int64
	Name string
}

// String writes a value as it is typed.
func (v SettingValue) String() string {
	if v.Name != "" {
		return v.Name
	}
	return strconv.FormatInt(v.N, 10)
}

// What is wrong with a change of a setting.
var (
	ErrNoSetting      = &Error{Kind: NotFound, Code: "no_setting"}
	ErrSettingInvalid = &Error{Kind: Invalid, Code: "setting_invalid"}
)

// DeedSetting is the kind of a deed that changes a setting.
const DeedSetting = "setting"

// SettingNamed is a setting by its name, or ErrNoSetting.
func SettingNamed(name string) (Setting, error) {
	list := AllSettings()
	at := slices.IndexFunc(list, func(s Setting) bool { return s.Name == name })
	if at < 0 {
		return Setting{}, ErrNoSetting.With("Name", name)
	}
	return list[at], nil
}

// In is the value that the setting has in the company's settings.
func (s Setting) In(all Settings) SettingValue { return s.get(all) }

// Default is the value as shipped.
func (s Setting) Default() SettingValue { return s.get(DefaultSettings()) }

// Put gives the setting a value that Parse has read, or that was stored.
func (s Setting) Put(all *Settings, v SettingValue) { s.set(all, v) }

// Parse reads a value: a whole number within the setting's range, or a plain name.
func (s Setting) Parse(text string) (SettingValue, error) {
	if s.Unit == UnitBank {
		return SettingValue{Name: text}, validPlace(text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < s.Min || n > s.Max {
		return SettingValue{}, ErrSettingInvalid.With("Name", s.Name, "Value", text, "Min", s.Min, "Max", s.Max, "Unit", string(s.Unit))
	}
	return SettingValue{N: n}, nil
}

// May refuses a change to who may not make it: it needs the right to price, a
// reason, and where money depends on the setting a second pair of eyes.
func (s Setting) May(deed Deed) error {
	if err := deed.By.Permit(MayPrice); err != nil {
		return err
	}
	if deed.Why == "" {
		return ErrReasonMissing
	}
	if s.Eyes {
		return deed.FourEyes()
	}
	return nil
}
