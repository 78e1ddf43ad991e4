package vending

import (
	"encoding/json"
	"regexp"
)

// MeterModel is how the meters of one model are asked, under the name by which a LineMeter refers to it. What the description
// means is the gateway's: in the books it is text.
type MeterModel struct {
	Name        string
	Description json.RawMessage // a JSON object
}

// The kinds of the deeds that describe a model of meters, and that remove one which no meter has.
const (
	DeedMeterModel        = "meter model"
	DeedMeterModelRemoved = "meter model removed"
)

// mostDescription is far beyond a register map of a thousand registers, in bytes.
const mostDescription = 1 << 20

// What is refused about models of meters.
var (
	ErrNoMeterModel    = &Error{Kind: NotFound, Code: "no_meter_model"}
	ErrMeterModelTaken = &Error{Kind: NotAllowed, Code: "meter_model_taken"}
	ErrMeterModelUsed  = &Error{Kind: NotAllowed, Code: "meter_model_used"}
)

// Valid checks the name and that there is a description.
func (m MeterModel) Valid() error {
	if err := validModelName(m.Name); err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if len(m.Description) > mostDescription || json.Unmarshal(m.Description, &object) != nil || object == nil {
		return ErrNumberInvalid.With("What", "model_description", "Value", m.Name, "Want", "model_described")
	}
	return nil
}

// Same reports whether two descriptions are the same text.
func (m MeterModel) Same(other MeterModel) bool {
	return string(m.Description) == string(other.Description)
}

var modelName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

func validModelName(name string) error {
	if modelName.MatchString(name) {
		return nil
	}
	return ErrNumberInvalid.With("What", "meter_model", "Value", name, "Want", "model_named")
}
