// What charts.js finds on the page: the modules of Vega, by name.
declare const chartModules: Record<string, (exports: object, load: (name: string) => any, module: { exports: any }) => void>;
