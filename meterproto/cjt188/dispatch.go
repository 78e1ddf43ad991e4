package cjt188

// MessageOf is an empty message of the kind that a frame with this control byte
// carries under this identifier, in so many bytes. It is nil where the frame
// carries no values, and where nobody has told us their layout: size tells.
//
// The layout follows from identifier and length, never from an edition (§7).
func MessageOf(c Control, di DI, size int) Message {
	switch {
	case size == 0 || c.Abnormal() || c.Function() >= vendorFunctions:
		return nil
	case c.writes() && c.FromMeter():
		return answerTo(di)
	case c.writes():
		return command(di)
	case c.FromMeter():
		return reading(di, size)
	}
	return nil
}

// reading is what a meter answers to a read (§3, §7).
func reading(di DI, size int) Message {
	switch {
	case di >= DIHistory && di <= DIHistoryLast:
		return new(Settlement)
	case di>>8 == 0xD2 && size == heatSettlementSize:
		return new(HeatSettlement)
	case di>>8 == 0xD2:
		return new(Settlement)
	case di>>8 == 0xD3, di>>8 == 0xD4:
		return new(Freeze)
	case di == DIFlow:
		return register(size)
	}
	switch di {
	case DIHeatCold:
		return new(HeatCold)
	case DITime:
		return new(Clock)
	case DIPrices:
		return new(Prices)
	case DISettlementDay:
		return new(SettlementDay)
	case DIReadingDay:
		return new(ReadingDay)
	case DIPurchases:
		return new(Purchases)
	case DIKeyVersion:
		return new(KeyVersion)
	}
	return nil
}

// register is the answer to DI 901F, by its length.
func register(size int) Message {
	switch size {
	case heatSize:
		return new(Heat)
	case heat2018Size:
		return new(Heat2018)
	}
	return new(Flow)
}

// lengths are the L of the answers to an identifier that has several (§3, §7).
func (d DI) lengths() string {
	switch {
	case d == DIFlow:
		return "16H, 2EH or 2BH"
	case d>>8 == 0xD2:
		return "08H or 12H"
	}
	return ""
}

// command is what a write carries (§4).
func command(di DI) Message {
	switch di {
	case DISetPrices:
		return new(NewPrices)
	case DISetSettlementDay:
		return new(SettlementDay)
	case DISetReadingDay:
		return new(ReadingDay)
	case DIPurchase:
		return new(Purchase)
	case DISetKey:
		return new(NewKey)
	case DISetTime:
		return new(Clock)
	case DISetBase:
		return new(Base)
	case DISetValve:
		return new(ValveOp)
	case DISetAddress:
		return new(NewAddress)
	}
	return nil
}

// answerTo is what a meter answers to a write, where it says more than that it was
// done (§4). The 2018 edition's status of one byte is not told from a meter that
// repeats the command: it has no layout here.
func answerTo(di DI) Message {
	switch di {
	case DIPurchase:
		return new(Purchase)
	case DISetKey:
		return new(KeyVersion)
	case DISetPrices, DISetBase, DISetValve:
		return new(Status)
	}
	return nil
}
