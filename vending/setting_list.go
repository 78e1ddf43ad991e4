package vending

import (
	"fmt"
	"time"
)

// AllSettings lists the settings in the order of the rules that they belong to.
// Nothing else is one. A name is for good: the database knows a setting by it.
func AllSettings() []Setting {
	const yuan = 100
	list := []Setting{
		number("swap_frozen_from", "A7", UnitDay, 0, 31, func(s *Settings) *int { return &s.Life.Swap.FrozenFrom }),
		number("refund_eyes_fen", "A8", UnitFen, 0, MaxChargeFen, func(s *Settings) *int64 { return &s.Life.RefundEyesFen }).eyes(),
		number("shift_approve_over_fen", "B7", UnitFen, 0, 1_000_000*yuan, func(s *Settings) *int64 { return &s.Shift.ApproveOverFen }).eyes(),
		number("reverse_eyes_fen", "B7", UnitFen, 0, MaxChargeFen, func(s *Settings) *int64 { return &s.Life.ReverseEyesFen }).eyes(),
		number("invoice_draw_vat", "B6", UnitPieces, 1, 10_000, func(s *Settings) *int64 { return &s.Invoice.DrawVAT }),
		number("invoice_draw_ordinary", "B6", UnitPieces, 1, 1_000_000, func(s *Settings) *int64 { return &s.Invoice.DrawOrdinary }),
		number("invoice_copies", "B6", UnitPieces, 1, 10, func(s *Settings) *int { return &s.Invoice.Copies }),
		number("card_key_version", "C3", UnitRoot, 0, 255, func(s *Settings) *int { return &s.KeyVersion }).eyes(),
		number("due_days", "B11", UnitDays, 0, 366, func(s *Settings) *int32 { return &s.Life.Arrears.DueDays }).eyes(),
		number("late_bp", "B11", UnitBp, 0, 10_000, func(s *Settings) *int64 { return &s.Life.Arrears.LateBp }).eyes().accrues(),
		number("late_cap_bp", "B11", UnitBp, 0, 1_000_000, func(s *Settings) *int64 { return &s.Life.Arrears.CapBp }).eyes().accrues(),
		feeFirst(),
		number("stop_days", "B11", UnitDays, 0, 3660, func(s *Settings) *int32 { return &s.Life.Arrears.StopDays }),
		number("debt_share_bp", "B11", UnitBp, 0, 10_000, func(s *Settings) *int64 { return &s.Life.Share.Bp }).eyes(),
		number("debt_share_min_left_fen", "B11", UnitFen, 0, MaxChargeFen, func(s *Settings) *int64 { return &s.Life.Share.MinLeft }).eyes(),
		span("estimate_min_days", "C5", UnitDays, 1, 366, func(s *Settings) *time.Duration { return &s.Estimate.MinSpan }).eyes(),
		span("estimate_window_days", "C5", UnitDays, 31, 3660, func(s *Settings) *time.Duration { return &s.Estimate.Window }).eyes(),
		number("jump_percent", "D4", UnitPercent, 100, 10_000, func(s *Settings) *int64 { return &s.Jump.Percent }).eyes(),
		number("jump_floor", "D4", UnitCredit, 0, 100_000_000, func(s *Settings) *int64 { return &s.Jump.Floor }).eyes(),
		span("jump_known_days", "D4", UnitDays, 1, 366, func(s *Settings) *time.Duration { return &s.Jump.Known }).eyes(),
		span("clock_slack_hours", "D4", UnitHours, 1, 8_784, func(s *Settings) *time.Duration { return &s.Jump.ClockSlack }),
	}
	for _, m := range AllMeans {
		if m != Cash {
			list = append(list, settle(m))
		}
	}
	for _, k := range ChargeKinds() {
		list = append(list, chargeSettings(k)...)
	}
	for month := range 12 {
		list = append(list, number(fmt.Sprintf("season_%02d", month+1), "C5", UnitWeight, 0, 100_000,
			func(s *Settings) *int64 { return &s.Estimate.Season[month] }).about("setting_season").eyes())
	}
	return list
}

// number is a setting that is a number at a place among the settings.
func number[N int | int32 | int64](name, rule string, unit SettingUnit, lo, hi int64, at func(*Settings) *N) Setting {
	return Setting{Name: name, Rule: rule, About: "setting_" + name, Unit: unit, Min: lo, Max: hi,
		get: func(s Settings) SettingValue { return SettingValue{N: int64(*at(&s))} },
		set: func(s *Settings, v SettingValue) { *at(s) = N(v.N) }}
}

func (s Setting) eyes() Setting { s.Eyes = true; return s }

func (s Setting) accrues() Setting { s.Accrues = true; return s }

func (s Setting) about(term string) Setting { s.About = term; return s }

func feeFirst() Setting {
	s := Setting{Name: "late_fee_first", Rule: "B11", About: "setting_late_fee_first", Unit: UnitYes, Max: 1,
		set: func(s *Settings, v SettingValue) { s.Life.Arrears.FeeFirst = v.N != 0 }}
	s.get = func(s Settings) SettingValue {
		if s.Life.Arrears.FeeFirst {
			return SettingValue{N: 1}
		}
		return SettingValue{}
	}
	return s.eyes().accrues()
}

// span is a setting that is a length of time, in whole hours or days.
func span(name, rule string, unit SettingUnit, lo, hi int64, at func(*Settings) *time.Duration) Setting {
	one := time.Hour
	if unit == UnitDays {
		one *= 24
	}
	return Setting{Name: name, Rule: rule, About: "setting_" + name, Unit: unit, Min: lo, Max: hi,
		get: func(s Settings) SettingValue { return SettingValue{N: int64(*at(&s) / one)} },
		set: func(s *Settings, v SettingValue) { *at(s) = time.Duration(v.N) * one }}
}

// settle is the bank account to which a means goes at the close of a shift.
func settle(m Means) Setting {
	s := Setting{Name: "settle_" + string(m), Rule: "B4", About: "setting_settle", Unit: UnitBank,
		get: func(s Settings) SettingValue { return SettingValue{Name: s.Shift.Settle[m]} },
		set: func(s *Settings, v SettingValue) { s.Shift.Settle[m] = v.Name }}
	return s.eyes()
}

// chargeSettings are the price of a kind of charge and its rate of VAT.
func chargeSettings(k ChargeKind) []Setting {
	fen := Setting{Name: "charge_" + string(k) + "_fen", Rule: "B2", About: "setting_charge_fen", Unit: UnitFen, Max: MaxChargeFen,
		get: func(s Settings) SettingValue { return SettingValue{N: s.Life.Terms[k].Fen} },
		set: func(s *Settings, v SettingValue) { t := s.Life.Terms[k]; t.Fen = v.N; s.Life.Terms[k] = t }}
	vat := Setting{Name: "charge_" + string(k) + "_vat_bp", Rule: "B2", About: "setting_charge_vat_bp", Unit: UnitBp, Max: 9_999,
		get: func(s Settings) SettingValue { return SettingValue{N: s.Life.Terms[k].VATBp} },
		set: func(s *Settings, v SettingValue) { t := s.Life.Terms[k]; t.VATBp = v.N; s.Life.Terms[k] = t }}
	vat.Accrues = k == ChargeLateFee
	return []Setting{fen.eyes(), vat.eyes()}
}
