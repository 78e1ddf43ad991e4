package vending

// Staff is a member of the staff.
type Staff struct {
	Code   string
	Name   string
	Role   Role
	Active bool // one who has left keeps their code: the books name it
}

// ErrRoleUnknown: there is no such role that a person can have.
var ErrRoleUnknown = &Error{Kind: Invalid, Code: "role_unknown"}

const longestStaffCode = 32

// Valid checks what is said of a member of the staff.
func (m Staff) Valid() error {
	if m.Code == "" || len(m.Code) > longestStaffCode || !plainToken(m.Code) {
		return ErrNumberInvalid.With("What", "staff_code", "Value", m.Code, "Want", "letters_and_digits")
	}
	switch m.Role {
	case RoleCashier, RoleSupervisor, RoleFinance, RoleManager:
		return nil
	}
	return ErrRoleUnknown.With("Role", string(m.Role))
}
