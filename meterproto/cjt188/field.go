package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Field is what one value of a message is.
type Field struct {
	Name    string // in words
	Key     string // in facts
	Kind    meterproto.Kind
	Storage uint64 // 1: of the last settlement day
}

// The fields of all messages (§3, §4, §7). Nobody writes to them.
var (
	currentFlow = Field{"current cumulative flow", "cumulative_flow", meterproto.OfVolume, 0}
	settledFlow = Field{"settlement-day cumulative flow", "settlement_flow", meterproto.OfVolume, 1}
	baseFlow    = Field{"base reading", "base_reading", meterproto.OfVolume, 0}
	settledAny  = Field{"settlement value", "settlement", meterproto.Unread, 1}

	currentHeat = Field{"current heat", "current_heat", meterproto.OfEnergy, 0}
	settledHeat = Field{"settlement-day heat", "settlement_heat", meterproto.OfEnergy, 1}
	currentCold = Field{"current cold", "current_cold", meterproto.OfEnergy, 0}
	settledCold = Field{"settlement-day cold", "settlement_cold", meterproto.OfEnergy, 1}
	power       = Field{"power", "power", meterproto.OfPower, 0}
	flowRate    = Field{"flow rate", "flow", meterproto.OfFlow, 0}

	supplyTemp  = Field{"supply temperature", "supply_temp_C", meterproto.OfTemperature, 0}
	returnTemp  = Field{"return temperature", "return_temp_C", meterproto.OfTemperature, 0}
	temperature = Field{"temperature", "temp_C", meterproto.OfTemperature, 0}
	workHours   = Field{"working hours", "work_hours", meterproto.OfDuration, 0}

	clock  = Field{"time", "time", meterproto.OfInstant, 0}
	status = Field{"status", "ST", meterproto.OfStatus, 0}

	sequence   = Field{"purchase sequence", "purchase_seq", meterproto.OfCount, 0}
	thisAmount = Field{"this purchase", "this_amount", meterproto.Unread, 0}
	allAmounts = Field{"cumulative purchases", "cumulative_amount", meterproto.Unread, 0}
	leftAmount = Field{"remaining amount", "remaining_amount", meterproto.Unread, 0}

	price1  = Field{"price 1", "price1", meterproto.OfPrice, 0}
	volume1 = Field{"volume 1", "volume1_m3", meterproto.OfVolume, 0}
	price2  = Field{"price 2", "price2", meterproto.OfPrice, 0}
	volume2 = Field{"volume 2", "volume2_m3", meterproto.OfVolume, 0}
	price3  = Field{"price 3", "price3", meterproto.OfPrice, 0}

	startDay      = Field{"start day", "start_day", meterproto.OfCount, 0}
	settlementDay = Field{"settlement day", "settlement_day", meterproto.OfCount, 0}
	readingDay    = Field{"meter-reading day", "reading_day", meterproto.OfCount, 0}
	keyVersion    = Field{"key version", "key_version", meterproto.OfCount, 0}
	newAddress    = Field{"new address", "new_addr", meterproto.OfIdentity, 0}
	valveOp       = Field{"valve operation", "valve_op", meterproto.OfStatus, 0}

	// Their scale is not known: the one source of the 2018 edition contradicts itself.
	powerRaw    = Field{"power", "power_raw", meterproto.Unread, 0}
	flowRaw     = Field{"flow rate", "flow_raw", meterproto.Unread, 0}
	pressureRaw = Field{"pressure", "pressure_raw", meterproto.Unread, 0}
)

// FieldError is a field of a message that cannot be read.
type FieldError struct {
	Field  string // in the words of this package
	Offset int    // of the field's first byte, counted from the first byte of DATA
	Err    error  // *bcd.DigitError (its offset counts from the field), *UnitError, ErrDate or ErrDay
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s at DATA+%d: %v", e.Field, e.Offset, e.Err)
}

// Unwrap is the reason.
func (e *FieldError) Unwrap() error { return e.Err }
