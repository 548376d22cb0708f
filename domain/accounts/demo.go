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
	SNILS     string // of those that were never given to anybody, as the tax number
	INN       string
	Confirmed bool
	Grants    []Grant
}

// DemoPublic is the scope of the public «Двор и улица», which Vera edits.
const DemoPublic = "public:dvor"

// Demo lists the demo people in the order in which the sign-in page offers them.
func Demo() []DemoPerson {
	return []DemoPerson{
		demoPerson("anna", "Анна Сергеевна Лебедева", "+79440000001", "00100100112", "980000000101"),
		demoPerson("boris", "Борис Ильич Громов", "+79440000002", "00100100213", "980000000278"),
		demoPerson("vera", "Вера Павловна Соколова", "+79440000003", "00100100314", "980000000341", Grant{Role: RoleEditor, Scope: DemoPublic}),
		demoPerson("gleb", "Глеб Андреевич Карпов", "+79440000004", "00100100415", "980000000415", Grant{Role: RoleModerator}),
		demoPerson("dina", "Дина Маратовна Юсупова", "+79440000005", "00100100516", "980000000599", Grant{Role: RoleModerator}),
		demoPerson("oleg", "Олег Викторович Зимин", "+79440000006", "00100100617", "980000000662", Grant{Role: RoleOfficial}),
		demoPerson("elena", "Елена Николаевна Орлова", "+79440000007", "00100100718", "980000000736", Grant{Role: RoleSupport}),
		demoPerson("admin", "Администратор портала", "+79440000008", "00100100819", "980000000800", Grant{Role: RoleAdmin}),
	}
}

func demoPerson(key, name, phone, snils, inn string, grants ...Grant) DemoPerson {
	return DemoPerson{
		Key:       key,
		Name:      name,
		Email:     key + "@demo.test",
		Phone:     phone,
		SNILS:     snils,
		INN:       inn,
		Confirmed: true,
		Grants:    grants,
	}
}
