process.stdout.write('nodewright\n');
