const READS = new Set(['key', 'code', 'keyCode', 'charCode', 'which']);

const isKeyboardEvent = (type) => (type.isUnion() ? type.types.some(isKeyboardEvent) : type.symbol?.name === 'KeyboardEvent');

/**
 * Refuses to read the key of a keyboard event other than by `pressedKey`: a key may belong to an input method, as Enter
 * does that confirms a conversion.
 */
export default {
    meta: {
        type: 'problem',
        messages: {read: 'Read the key by pressedKey(event) of src/host/keys: it may belong to an input method.'},
        schema: [],
    },
    create(context) {
        const services = context.sourceCode.parserServices;
        const check = (node, object, name) => {
            if (READS.has(name) && isKeyboardEvent(services.getTypeAtLocation(object))) {
                context.report({node, messageId: 'read'});
            }
        };
        const nameOf = ({type, name, value}) => (type === 'Identifier' ? name : value);
        return {
            MemberExpression(node) {
                check(node, node.object, nameOf(node.property));
            },
            ObjectPattern(node) {
                node.properties.forEach((property) => property.type === 'Property' && check(property, node, nameOf(property.key)));
            },
        };
    },
};
