// Agreement
