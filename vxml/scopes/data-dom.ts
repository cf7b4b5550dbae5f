/**
 * The read-only DOM that `<data>` shows to scripts (VoiceXML 2.1 Appendix D), as source for the sandbox. It is
 * evaluated there once, when a session first fetches data, and gives a function from a `DataTree` of
 * `resources/xml-data.ts` to a Document. A node is made when a script first reaches it, and searches by name go
 * through the tree's index, so that a large answer costs what is looked at. Whatever would change the tree throws
 * NO_MODIFICATION_ALLOWED_ERR.
 *
 * Rows: text as such; otherwise `[1, name, namespace, attributes, children, number]` for an element, each attribute
 * `[name, value, namespace]`; `[4, text]` CDATA; `[7, target, text]` processing instruction; `[8, text]` comment;
 * `[9, children]` the document.
 */
export const DATA_DOM = `
(function () {
  "use strict";
  var define = Object.defineProperty, create = Object.create,
      owns = Function.prototype.call.bind(Object.prototype.hasOwnProperty), states = new WeakMap();
  var stateOf = function (node) {
    var state = states.get(node);
    if (!state) throw new TypeError("this is no node");
    return state;
  };

  var CODES = ["INDEX_SIZE_ERR", "DOMSTRING_SIZE_ERR", "HIERARCHY_REQUEST_ERR", "WRONG_DOCUMENT_ERR",
    "INVALID_CHARACTER_ERR", "NO_DATA_ALLOWED_ERR", "NO_MODIFICATION_ALLOWED_ERR", "NOT_FOUND_ERR",
    "NOT_SUPPORTED_ERR", "INUSE_ATTRIBUTE_ERR", "INVALID_STATE_ERR", "SYNTAX_ERR", "INVALID_MODIFICATION_ERR",
    "NAMESPACE_ERR", "INVALID_ACCESS_ERR"];
  var TYPES = ["ELEMENT_NODE", "ATTRIBUTE_NODE", "TEXT_NODE", "CDATA_SECTION_NODE", "ENTITY_REFERENCE_NODE",
    "ENTITY_NODE", "PROCESSING_INSTRUCTION_NODE", "COMMENT_NODE", "DOCUMENT_NODE", "DOCUMENT_TYPE_NODE",
    "DOCUMENT_FRAGMENT_NODE", "NOTATION_NODE"];
  function number(targets, names) {
    for (var t = 0; t < targets.length; t++)
      for (var i = 0; i < names.length; i++) define(targets[t], names[i], { value: i + 1, enumerable: true });
  }
  function DOMException(code) {
    this.code = code;
    this.message = CODES[code - 1];
  }
  DOMException.prototype = create(Error.prototype, { constructor: { value: DOMException }, name: { value: "DOMException" } });
  number([DOMException, DOMException.prototype], CODES);
  function Node() { throw new DOMException(9); }
  number([Node, Node.prototype], TYPES);

  function fail(code) { return function () { throw new DOMException(code); }; }
  var refuse = fail(7);
  function getters(target, members) {
    for (var name in members) define(target, name, { get: members[name], enumerable: true, configurable: true });
  }
  /** These can be assigned to in a DOM that can be changed. */
  function changeable(target, names) {
    for (var i = 0; i < names.length; i++) {
      var found = Object.getOwnPropertyDescriptor(target, names[i]);
      define(target, names[i], { get: found.get, set: refuse, enumerable: true, configurable: true });
    }
  }
  function methods(target, members) {
    for (var name in members) define(target, name, { value: members[name], writable: true, configurable: true });
  }
  function refusing(target, names) {
    for (var i = 0; i < names.length; i++) define(target, names[i], { value: refuse, writable: true, configurable: true });
  }

  /** A list whose members are made when they are reached: at(i) gives one. */
  function list(prototype, length, at) {
    var target = create(prototype);
    define(target, "length", { value: length });
    define(target, "item", { value: function (index) { return index >>> 0 < length ? at(index >>> 0) : null; } });
    var isIndex = function (name) { return typeof name === "string" && /^(?:0|[1-9][0-9]*)$/.test(name) && name < length; };
    return new Proxy(target, {
      get: function (list, name) { return isIndex(name) ? at(+name) : list[name]; },
      has: function (list, name) { return isIndex(name) || name in list; },
      set: function () { return false; }, defineProperty: function () { return false; }, deleteProperty: function () { return false; }
    });
  }
  var NodeList = {}, NamedNodeMap = {
    getNamedItem: function (name) {
      for (var i = 0; i < this.length; i++) if (this.item(i).nodeName === String(name)) return this.item(i);
      return null;
    },
    getNamedItemNS: function (namespace, local) {
      for (var i = 0; i < this.length; i++) if (isNamed(stateOf(this.item(i)).row, namespace, local)) return this.item(i);
      return null;
    }
  };
  refusing(NamedNodeMap, ["setNamedItem", "removeNamedItem", "setNamedItemNS", "removeNamedItemNS"]);
  function localOf(row) { return row[1].slice(row[1].indexOf(":") + 1); }
  function isNamed(row, namespace, local) {
    return (local === "*" || localOf(row) === local) && (namespace === "*" || row[2] === (namespace || ""));
  }

  function kindOf(row) { return typeof row === "string" ? 3 : row[0]; }
  /** tables: what finds elements by name; a copy has none. */
  function make(row, parent, owner, index, tables) {
    var type = kindOf(row), node = create(PROTOTYPES[type]);
    states.set(node, { row: row, type: type, parent: parent, owner: owner, index: index, tables: tables });
    return node;
  }
  function rowsBelow(state) { return (state.type === 9 ? state.row[1] : state.type === 1 ? state.row[4] : 0) || []; }
  function childAt(node, index) {
    var state = stateOf(node), rows = rowsBelow(state);
    if (index < 0 || index >= rows.length) return null;
    if (!state.children) state.children = [];
    return state.children[index] || (state.children[index] = make(rows[index], node, state.owner || node, index, state.tables));
  }
  function childrenOf(node) {
    var state = stateOf(node);
    return state.list || (state.list = list(NodeList, rowsBelow(state).length, function (index) { return childAt(node, index); }));
  }
  function attributesOf(node) {
    var state = stateOf(node);
    if (state.attributes) return state.attributes;
    var rows = state.row[3] || [], items = [];
    for (var i = 0; i < rows.length; i++) items[i] = make([2, rows[i][0], rows[i][2], rows[i][1]], node, state.owner, i);
    return state.attributes = list(NamedNodeMap, items.length, function (index) { return items[index]; });
  }
  function sibling(node, step) {
    var state = stateOf(node);
    return state.parent && state.type !== 2 ? childAt(state.parent, state.index + step) : null;
  }
  function hasName(state) { return state.type === 1 || state.type === 2; }
  function splitName(state) {
    var colon = state.row[1].indexOf(":");
    return colon < 0 ? [null, state.row[1]] : [state.row[1].slice(0, colon), state.row[1].slice(colon + 1)];
  }
  function textOf(state) {
    switch (state.type) {
      case 2: return state.row[3];
      case 3: return state.row;
      case 4: case 8: return state.row[1];
      case 7: return state.row[2];
      default: return null;
    }
  }
  /** Walks the rows; what is found is kept as its path, and becomes a node when it is looked at. */
  function walked(node, holds) {
    var found = [], path = [];
    function walk(rows, depth) {
      for (var i = 0; i < rows.length; i++) {
        var row = rows[i];
        if (row[0] !== 1) continue;
        path[depth] = i;
        if (holds(row)) found[found.length] = path.slice(0, depth + 1);
        if (row[4]) walk(row[4], depth + 1);
      }
    }
    walk(rowsBelow(stateOf(node)), 0);
    return list(NodeList, found.length, function (index) {
      for (var at = node, steps = found[index], i = 0; i < steps.length; i++) at = childAt(at, steps[i]);
      return at;
    });
  }
  /** The element of a number. */
  function numbered(tables, number) {
    var parent = tables.parents[number];
    return childAt(parent < 0 ? tables.document : numbered(tables, parent), tables.places[number]);
  }
  /** How many of the ascending numbers are below a bound. */
  function countBelow(numbers, bound) {
    var low = 0, high = numbers.length;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (numbers[middle] < bound) low = middle + 1; else high = middle;
    }
    return low;
  }
  /** Of the numbers, those below the node; undefined numbers are all elements. */
  function elementsBelow(state, numbers) {
    var tables = state.tables, isDocument = state.type === 9;
    var first = isDocument ? 0 : state.row[5] + 1, end = isDocument ? tables.parents.length : tables.ends[state.row[5]];
    if (!numbers) return list(NodeList, end - first, function (index) { return numbered(tables, first + index); });
    var low = countBelow(numbers, first), high = countBelow(numbers, end);
    return list(NodeList, high - low, function (index) { return numbered(tables, numbers[low + index]); });
  }
  function listed(lists, name) { return owns(lists, name) ? lists[name] : []; }
  var searching = {
    getElementsByTagName: function (name) {
      var state = stateOf(this);
      name = String(name);
      if (!state.tables) return walked(this, function (row) { return name === "*" || row[1] === name; });
      return elementsBelow(state, name === "*" ? undefined : listed(state.tables.names, name));
    },
    getElementsByTagNameNS: function (namespace, local) {
      var state = stateOf(this), tables = state.tables;
      if (!tables || local === "*") return walked(this, function (row) { return isNamed(row, namespace, local); });
      var numbers = listed(tables.locals, String(local)), matching = numbers;
      if (namespace !== "*") {
        matching = [];
        for (var i = 0; i < numbers.length; i++)
          if (tables.namespaces[numbers[i]] === (namespace || "")) matching[matching.length] = numbers[i];
      }
      return elementsBelow(state, matching);
    }
  };

  getters(Node.prototype, {
    nodeType: function () { return stateOf(this).type; },
    nodeName: function () {
      var state = stateOf(this);
      return ({ 3: "#text", 4: "#cdata-section", 8: "#comment", 9: "#document" })[state.type] || state.row[1];
    },
    nodeValue: function () { return textOf(stateOf(this)); },
    parentNode: function () { var state = stateOf(this); return state.type === 2 ? null : state.parent; },
    childNodes: function () { return childrenOf(this); },
    firstChild: function () { return childAt(this, 0); },
    lastChild: function () { return childAt(this, rowsBelow(stateOf(this)).length - 1); },
    previousSibling: function () { return sibling(this, -1); },
    nextSibling: function () { return sibling(this, 1); },
    attributes: function () { return stateOf(this).type === 1 ? attributesOf(this) : null; },
    ownerDocument: function () { return stateOf(this).owner; },
    namespaceURI: function () { var state = stateOf(this); return hasName(state) ? state.row[2] || null : null; },
    prefix: function () { var state = stateOf(this); return hasName(state) ? splitName(state)[0] : null; },
    localName: function () { var state = stateOf(this); return hasName(state) ? splitName(state)[1] : null; }
  });
  changeable(Node.prototype, ["nodeValue", "prefix"]);
  methods(Node.prototype, {
    hasChildNodes: function () { return rowsBelow(stateOf(this)).length > 0; },
    hasAttributes: function () { var state = stateOf(this); return state.type === 1 && (state.row[3] || []).length > 0; },
    isSupported: function (feature, version) { return hasFeature(feature, version); },
    cloneNode: function (deep) {
      var state = stateOf(this), row = state.row;
      if (!deep && state.type === 1) row = [1, row[1], row[2], row[3], []];
      if (!deep && state.type === 9) row = [9, []];
      return make(row, null, state.owner, 0);
    }
  });
  refusing(Node.prototype, ["insertBefore", "replaceChild", "removeChild", "appendChild", "normalize"]);

  function Element() {}
  Element.prototype = create(Node.prototype);
  getters(Element.prototype, { tagName: function () { return stateOf(this).row[1]; } });
  methods(Element.prototype, searching);
  methods(Element.prototype, {
    getAttribute: function (name) { var found = this.getAttributeNode(name); return found ? found.value : ""; },
    getAttributeNS: function (namespace, local) { var found = this.getAttributeNodeNS(namespace, local); return found ? found.value : ""; },
    hasAttribute: function (name) { return this.getAttributeNode(name) !== null; },
    hasAttributeNS: function (namespace, local) { return this.getAttributeNodeNS(namespace, local) !== null; },
    getAttributeNode: function (name) { return attributesOf(this).getNamedItem(name); },
    getAttributeNodeNS: function (namespace, local) { return attributesOf(this).getNamedItemNS(namespace, local); }
  });
  refusing(Element.prototype, ["setAttribute", "removeAttribute", "setAttributeNode", "removeAttributeNode",
    "setAttributeNS", "removeAttributeNS", "setAttributeNodeNS"]);

  function Attr() {}
  Attr.prototype = create(Node.prototype);
  getters(Attr.prototype, {
    name: function () { return stateOf(this).row[1]; },
    value: function () { return textOf(stateOf(this)); },
    specified: function () { return true; },
    ownerElement: function () { return stateOf(this).parent; }
  });
  changeable(Attr.prototype, ["value"]);

  function CharacterData() {}
  CharacterData.prototype = create(Node.prototype);
  getters(CharacterData.prototype, {
    data: function () { return textOf(stateOf(this)); },
    length: function () { return textOf(stateOf(this)).length; }
  });
  changeable(CharacterData.prototype, ["data"]);
  methods(CharacterData.prototype, {
    substringData: function (offset, count) {
      var text = textOf(stateOf(this));
      if (!(offset >= 0) || offset > text.length || !(count >= 0)) throw new DOMException(1);
      return text.slice(offset, offset + count);
    }
  });
  refusing(CharacterData.prototype, ["appendData", "insertData", "deleteData", "replaceData"]);
  function Text() {}
  Text.prototype = create(CharacterData.prototype);
  refusing(Text.prototype, ["splitText"]);
  function CDATASection() {}
  CDATASection.prototype = create(Text.prototype);
  function Comment() {}
  Comment.prototype = create(CharacterData.prototype);
  function ProcessingInstruction() {}
  ProcessingInstruction.prototype = create(Node.prototype);
  getters(ProcessingInstruction.prototype, {
    target: function () { return stateOf(this).row[1]; },
    data: function () { return textOf(stateOf(this)); }
  });
  changeable(ProcessingInstruction.prototype, ["data"]);

  function hasFeature(feature, version) {
    return /^(core|xml)$/i.test(feature) && (version === undefined || version === null || version === "" || String(version) === "2.0");
  }
  var implementation = { hasFeature: hasFeature };
  refusing(implementation, ["createDocumentType", "createDocument"]);
  function Document() {}
  Document.prototype = create(Node.prototype);
  getters(Document.prototype, {
    doctype: function () { return null; },
    implementation: function () { return implementation; },
    documentElement: function () {
      var rows = rowsBelow(stateOf(this));
      for (var i = 0; i < rows.length; i++) if (kindOf(rows[i]) === 1) return childAt(this, i);
      return null;
    }
  });
  methods(Document.prototype, searching);
  methods(Document.prototype, {
    getElementById: function (id) {
      id = String(id);
      var found = walked(this, function (row) {
        var attributes = row[3] || [];
        for (var i = 0; i < attributes.length; i++)
          if ((attributes[i][0] === "xml:id" || attributes[i][0] === "id") && attributes[i][1] === id) return true;
        return false;
      });
      return found.item(0);
    }
  });
  refusing(Document.prototype, ["createElement", "createDocumentFragment", "createTextNode", "createComment",
    "createCDATASection", "createProcessingInstruction", "createAttribute", "createEntityReference", "importNode",
    "createElementNS", "createAttributeNS"]);

  var PROTOTYPES = { 1: Element.prototype, 2: Attr.prototype, 3: Text.prototype, 4: CDATASection.prototype,
    7: ProcessingInstruction.prototype, 8: Comment.prototype, 9: Document.prototype };
  define(globalThis, "DOMException", { value: DOMException, writable: true, configurable: true });
  define(globalThis, "Node", { value: Node, writable: true, configurable: true });
  return function (tree) {
    var tables = tree.index;
    return tables.document = make(tree.document, null, null, 0, tables);
  };
})()`;
