package accounts

// DemoPassword is the password of every demo person.
const DemoPassword = "Demo-2026!"

// DemoPerson is somebody the demo data are told through. They exist only where
// demo data were loaded.
type DemoPerson struct {
	Key       string // names the person in the catalogues: accounts.demo.anna
	Name      string
	Email     string // the login
	Phone     string // E.164, made up
	Confirmed bool
	Grants    []Grant
}

// DemoPublic is the scope of the public «Двор и улица», which Vera edits.
const DemoPublic = "public:dvor"

// Demo lists the demo people in the order in which the sign-in page offers them.
func Demo() []DemoPerson {
	return []DemoPerson{
		demoPerson("anna", "Анна Сергеевна Лебедева", "+79440000001"),
		demoPerson("boris", "Борис Ильич Громов", "+79440000002"),
		demoPerson("vera", "Вера Павловна Соколова", "+79440000003", Grant{Role: RoleEditor, Scope: DemoPublic}),
		demoPerson("gleb", "Глеб Андреевич Карпов", "+79440000004", Grant{Role: RoleModerator}),
		demoPerson("dina", "Дина Маратовна Юсупова", "+79440000005", Grant{Role: RoleModerator}),
		demoPerson("oleg", "Олег Викторович Зимин", "+79440000006", Grant{Role: RoleOfficial}),
		demoPerson("elena", "Елена Николаевна Орлова", "+79440000007", Grant{Role: RoleSupport}),
		demoPerson("admin", "Администратор портала", "+79440000008", Grant{Role: RoleAdmin}),
	}
}

func demoPerson(key, name, phone string, grants ...Grant) DemoPerson {
	return DemoPerson{
		Key:       key,
		Name:      name,
		Email:     key + "@demo.test",
		Phone:     phone,
		Confirmed: true,
		Grants:    grants,
	}
}
