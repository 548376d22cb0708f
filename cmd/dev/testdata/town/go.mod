module veche

go 1.26
