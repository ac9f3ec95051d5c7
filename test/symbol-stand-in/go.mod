module nodewright/test/symbol-stand-in

go 1.26
