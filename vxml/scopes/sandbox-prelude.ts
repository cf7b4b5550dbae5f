/**
 * What every sandbox holds before any document's script runs: the scope objects of VoiceXML 2.0 §5.1.2 and the
 * few functions the host calls. Only numbers and text cross the border; values cross as JSON.
 *
 * A scope is an object without prototype that also knows itself by its name (`document`, `application`, …). A
 * chain nests five of them by `with`, so that names resolve outwards, assignments reach the scope that owns the
 * variable, and closures go on seeing live scopes. The wrapper's parameters have names no script will use, and
 * its functions are arrows, so that `this` is the global object and there is no `arguments`.
 */

/** The functions the host may call, in the order of the tuple they are kept in. */
export const SANDBOX_FUNCTIONS = [
  "seedRandom",
  "newScope",
  "dropScope",
  "newChain",
  "dropChain",
  "compile",
  "run",
  "truth",
  "json",
  "text",
  "declare",
  "put",
  "hold",
  "putHeld",
  "hasDom",
  "installDom",
  "putData",
  "ownerOf",
  "putSession",
  "putLastResult",
  "describe",
] as const;

export type SandboxFunction = (typeof SANDBOX_FUNCTIONS)[number];

export const SANDBOX_PRELUDE = `
(function () {
  "use strict";
  var has = Object.prototype.hasOwnProperty, define = Object.defineProperty, create = Object.create,
      keys = Object.keys, freeze = Object.freeze, isArray = Array.isArray,
      stringify = JSON.stringify, parse = JSON.parse, Text = String, ProxyOf = Proxy, maths = Math, get = Reflect.get;
  var call = Function.prototype.call, owns = call.bind(has);
  var makeEvaluator = (0, eval)(
    "(($vxʰa,$vxʰb,$vxʰc,$vxʰd,$vxʰe)=>{with($vxʰa){with($vxʰb){with($vxʰc){with($vxʰd){with($vxʰe){" +
    "return ($vxʰx)=>eval($vxʰx)}}}}}})");
  var scopes = create(null), chains = create(null), functions = create(null), nextFunction = 1, held = create(null), nextHeld = 1;
  var globalEval = eval, documentOf;
  var empty = freeze(create(null));

  // The session's variables: live for the host, read-only for scripts (section 5.1.4).
  var sessionTree = create(null), views = new WeakMap();
  var refuse = function () { return false; };
  function view(value) {
    if (typeof value !== "object" || value === null) return value;
    var known = views.get(value);
    if (!known) {
      known = new ProxyOf(value, {
        get: function (target, name) { return view(get(target, name)); },
        set: refuse, defineProperty: refuse, deleteProperty: refuse, setPrototypeOf: refuse,
        preventExtensions: refuse,
        getOwnPropertyDescriptor: function (target, name) {
          if (isArray(target) && name === "length") return Reflect.getOwnPropertyDescriptor(target, name);
          if (!owns(target, name)) return undefined;
          return { value: view(target[name]), enumerable: true, configurable: true, writable: false };
        }
      });
      views.set(value, known);
    }
    return known;
  }
  var session = create(null);
  var readSession = function (name) { return { get: function () { return view(sessionTree[name]); }, enumerable: true, configurable: false }; };
  define(session, "session", { value: new ProxyOf(session, { set: refuse, defineProperty: refuse, deleteProperty: refuse, preventExtensions: refuse }) });
  scopes.session = session;

  return {
    seedRandom: function (seed) {
      var state = seed >>> 0;
      define(maths, "random", { writable: true, configurable: true, enumerable: false, value: function () {
        state = (state + 0x6D2B79F5) >>> 0;
        var t = state ^ (state >>> 15);
        t = maths.imul(t, 1 | state);
        t = (t + maths.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
      } });
    },
    newScope: function (id, selfNames) {
      var scope = create(null), names = parse(selfNames);
      for (var i = 0; i < names.length; i++)
        define(scope, names[i], { value: scope, enumerable: false, writable: false, configurable: false });
      scopes[id] = scope;
    },
    dropScope: function (id) { delete scopes[id]; },
    newChain: function (id, a, b, c, d, e) {
      chains[id] = { evaluate: makeEvaluator(scopes[a] || empty, scopes[b] || empty, scopes[c] || empty,
        scopes[d] || empty, scopes[e] || empty), functions: [] };
    },
    dropChain: function (id) {
      var chain = chains[id];
      if (!chain) return;
      for (var i = 0; i < chain.functions.length; i++) delete functions[chain.functions[i]];
      delete chains[id];
    },
    compile: function (id, source) {
      var chain = chains[id], made = (0, chain.evaluate)(source), number = nextFunction++;
      functions[number] = made;
      chain.functions[chain.functions.length] = number;
      return number;
    },
    run: function (number) { (0, functions[number])(); },
    truth: function (number) { return (0, functions[number])() ? 1 : 0; },
    json: function (number) {
      var value = (0, functions[number])(), json = value === undefined ? undefined : stringify(value);
      return json === undefined ? "" : json;
    },
    text: function (number) { return Text((0, functions[number])()); },
    declare: function (id, names) {
      var scope = scopes[id], list = parse(names);
      for (var i = 0; i < list.length; i++) if (!owns(scope, list[i])) scope[list[i]] = undefined;
    },
    put: function (id, name, json) { scopes[id][name] = json === "" ? undefined : parse(json); },
    hold: function (number) {
      var value = (0, functions[number])();
      held[nextHeld] = value;
      return nextHeld++;
    },
    putHeld: function (id, name, number) { scopes[id][name] = held[number]; delete held[number]; },
    hasDom: function () { return documentOf ? 1 : 0; },
    installDom: function (source) { documentOf = (0, globalEval)(source); },
    putData: function (id, name, json) { scopes[id][name] = documentOf(parse(json)); },
    ownerOf: function (ids, name) {
      var list = parse(ids);
      for (var i = 0; i < list.length; i++) if (list[i] in scopes && owns(scopes[list[i]], name)) return list[i];
      return "";
    },
    putSession: function (path, json) {
      var names = parse(path), at = sessionTree, last = names.length - 1;
      for (var i = 0; i < last; i++) {
        if (typeof at[names[i]] !== "object" || at[names[i]] === null) at[names[i]] = {};
        at = at[names[i]];
      }
      if (!owns(session, names[0])) define(session, names[0], readSession(names[0]));
      define(at, names[last], { value: json === "" ? undefined : parse(json), enumerable: true, writable: true, configurable: true });
    },
    putLastResult: function (id, json) {
      var list = parse(json), first = list[0];
      for (var name in first) list[name] = first[name];
      scopes[id]["lastresult$"] = list;
    },
    describe: function (error) {
      var name = "", message = "";
      try {
        if (typeof error === "object" && error !== null) { name = Text(error.name); message = Text(error.message); }
        else message = "the script threw " + Text(error);
      } catch (e) { message = "the script threw a value that cannot be read"; }
      return stringify([name, message]);
    }
  };
})()`;
