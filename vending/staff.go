package vending

// Role of a member of the staff (RULES C3: rights are given by role).
type Role string

// The roles.
const (
	RoleCashier    Role = "cashier"    // 收费员
	RoleSupervisor Role = "supervisor" // 营业厅主任
	RoleFinance    Role = "finance"    // 财务
	RoleManager    Role = "manager"    // 经理
	RoleSystem     Role = "system"     // the service itself
)

// Right is something that not everybody may do.
type Right string

// The rights.
const (
	MaySell      Right = "sell"      // top up, take fees, issue receipts
	MayServe     Right = "serve"     // open, change, transfer and close accounts
	MayTell      Right = "tell"      // bring to a meter what the books have decided
	MayReverse   Right = "reverse"   // take back a sale of another shift, refund
	MayApprove   Right = "approve"   // be the second pair of eyes
	MaySupervise Right = "supervise" // close a day, write off a till's difference
	MayPrice     Right = "price"     // tariffs and price changes
	MayAccount   Right = "account"   // banks, agents, month's close, invoices' stock
)

var rights = map[Role]map[Right]bool{
	RoleCashier:    {MaySell: true, MayServe: true, MayTell: true},
	RoleSupervisor: {MaySell: true, MayServe: true, MayTell: true, MayReverse: true, MayApprove: true, MaySupervise: true},
	RoleFinance:    {MayPrice: true, MayAccount: true, MaySupervise: true},
	RoleManager: {MayServe: true, MayTell: true, MayReverse: true, MayApprove: true, MaySupervise: true, MayPrice: true,
		MayAccount: true},
	RoleSystem: {MayTell: true},
}

// May says whether a role has a right.
func (r Role) May(right Right) bool { return rights[r][right] }

// What the staff may not do.
var (
	ErrNotPermitted = &Error{Kind: NotAllowed, Code: "not_permitted"}
	ErrFourEyes     = &Error{Kind: NotAllowed, Code: "four_eyes"}
	ErrNoStaff      = &Error{Kind: NotFound, Code: "no_staff"}
	ErrDeedReused   = &Error{Kind: NotAllowed, Code: "deed_reused"}
)

// Permit is ErrNotPermitted where the actor does not have the right.
func (a Actor) Permit(right Right) error {
	if a.Role.May(right) {
		return nil
	}
	return ErrNotPermitted.With("Staff", a.Staff, "Right", string(right))
}

// FourEyes is ErrFourEyes unless somebody else, who may approve, has approved.
func (d Deed) FourEyes() error {
	if d.Approved.Role.May(MayApprove) && d.Approved.Staff != d.By.Staff {
		return nil
	}
	return ErrFourEyes.With("Staff", d.By.Staff)
}
