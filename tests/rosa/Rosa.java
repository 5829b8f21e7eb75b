import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.ItemsetBinding;
import org.javarosa.core.model.RangeQuestion;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.core.model.data.BooleanData;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.DecimalData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.IntegerData;
import org.javarosa.core.model.data.LongData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.TimeData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.InvalidReferenceException;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.model.utils.DateUtils;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.expr.XPathFuncExpr;

/**
 * A walk through an XForm with JavaRosa, in the words of `form talk --script`, one JSON object a line:
 * `{"load": XML, "language": L, "steps": [...]}` is answered by the events of the beginning and of each step,
 * `{"load": XML, "times": [...]}` by the nanoseconds of each step and the events of the last. What is written `[12.4]` follows a statement of `form.py` in this directory, where JavaRosa is
 * not to be followed.
 */
public final class Rosa {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JR = "http://openrosa.org/javarosa";

    private final FormDef form;
    private final FormEntryController controller;
    private final FormEntryModel model;
    private final Set<String> repeats = new HashSet<>();
    private final Set<String> entries = new HashSet<>();
    private ArrayNode said = JSON.createArrayNode();
    private boolean done = false;

    public static void main(String[] arguments) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        new XFormsModule().registerModule();
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode told = JSON.readTree(line);
            Object answer;
            try {
                Rosa walk = new Rosa(told.get("load").asText(), told.path("language").asText(""));
                answer = told.has("times") ? walk.times(told.get("times")) : walk.play(told.get("steps"));
            } catch (Exception fault) {
                answer = JSON.createObjectNode().put("failed", fault.toString() + " at " + fault.getStackTrace()[0]);
            }
            out.println(JSON.writeValueAsString(answer));
            out.flush();
        }
    }

    private Rosa(String xml, String language) throws Exception {
        form = new XFormParser(new StringReader(xml)).parse();
        form.getEvaluationContext().addFunctionHandler(new Largest());
        form.getEvaluationContext().addFunctionHandler(new Clock());
        form.getEvaluationContext().addFunctionHandler(new Today());
        form.initialize(true, new InstanceInitializationFactory());
        model = new FormEntryModel(form);
        controller = new FormEntryController(model);
        if (!language.isEmpty() && form.getLocalizer() != null) {
            controller.setLanguage(language);
        }
        findRepeats(form.getChildren());
    }

    private void findRepeats(List<?> children) {
        for (Object child : children) {
            if (child instanceof GroupDef) {
                GroupDef group = (GroupDef) child;
                if (group.getRepeat()) {
                    repeats.add(((TreeReference) group.getBind().getReference()).toString(false));
                }
                findRepeats(group.getChildren());
            }
        }
    }

    private ArrayNode begin() throws InvalidReferenceException {
        made(form.getMainInstance().getRoot(), true, false);
        settle();
        forward();
        return taken();
    }

    private ArrayNode play(JsonNode steps) throws InvalidReferenceException {
        ArrayNode all = JSON.createArrayNode().add(begin());
        for (JsonNode step : steps) {
            all.add(hear(step));
        }
        return all;
    }

    private ObjectNode times(JsonNode steps) throws InvalidReferenceException {
        begin();
        ObjectNode told = JSON.createObjectNode();
        ArrayNode taken = told.putArray("times");
        for (JsonNode step : steps) {
            long started = System.nanoTime();
            told.set("last", hear(step));
            taken.add(System.nanoTime() - started);
        }
        return told;
    }

    private ArrayNode taken() {
        ArrayNode events = said;
        said = JSON.createArrayNode();
        return events;
    }

    // What is given -------------------------------------------------------------------------------------------

    private ArrayNode hear(JsonNode told) throws InvalidReferenceException {
        int event = model.getEvent();
        if (told.has("language")) {
            controller.setLanguage(told.get("language").asText());
            current();
        } else if (done) {
            current();
        } else if (told.has("back")) {
            back();
        } else if (told.has("submit") && event == FormEntryController.EVENT_END_OF_FORM) {
            submit();
        } else if (told.has("again") && event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
            again(told.get("again").asBoolean());
        } else if (event == FormEntryController.EVENT_QUESTION && told.has("answer")) {
            answer(told.get("answer"));
        } else if (event == FormEntryController.EVENT_QUESTION && told.has("skip")) {
            skip();
        } else {
            current();
        }
        return taken();
    }

    private void answer(JsonNode value) throws InvalidReferenceException {
        FormEntryPrompt prompt = model.getQuestionPrompt();
        boolean empty = value.isNull() || (value.isTextual() && value.asText().isEmpty())
            || (value.isArray() && value.isEmpty());
        try {
            store(empty ? null : read(prompt, value));
        } catch (Misfit misfit) {
            refuse(misfit.getMessage(), "");
        }
    }

    private void store(IAnswerData data) throws InvalidReferenceException {
        int outcome = controller.answerQuestion(model.getFormIndex(), data, true);
        if (outcome == FormEntryController.ANSWER_OK) {
            settle();
            forward();
        } else {
            refuse(outcome);
        }
    }

    /** [skip] Moving on keeps a value that is there, whatever the constraint says of it now. */
    private void skip() throws InvalidReferenceException {
        if (model.getQuestionPrompt().getAnswerValue() == null) {
            store(null);
        } else {
            forward();
        }
    }

    private void again(boolean yes) throws InvalidReferenceException {
        if (yes) {
            controller.newRepeat();
            made();
            settle();
        }
        forward();
    }

    /** [1.4] Without what controller.stepToPreviousEvent() does on its way: it makes entries of a count that has grown. */
    private void back() throws InvalidReferenceException {
        FormIndex index = model.decrementIndex(model.getFormIndex());
        while (index.isInForm() && !(model.isIndexRelevant(index) && waits(index))) {
            index = model.decrementIndex(index);
        }
        if (index.isInForm()) {
            model.setQuestionIndex(index);
            if (model.getEvent() == FormEntryController.EVENT_QUESTION) {
                reach();
            }
        }
        current();
    }

    /** [1.7] All that is relevant is checked again, in order, each question being reached once more. */
    private void submit() throws InvalidReferenceException {
        model.setQuestionIndex(FormIndex.createBeginningOfFormIndex());
        int event = next();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            if (event == FormEntryController.EVENT_QUESTION) {
                reach();
                IAnswerData data = model.getQuestionPrompt().getAnswerValue();
                int outcome = controller.answerQuestion(model.getFormIndex(), data, false);
                if (outcome != FormEntryController.ANSWER_OK) {
                    refuse(outcome);
                    return;
                }
            }
            event = next();
        }
        done = true;
        current();
    }

    // Where it goes -------------------------------------------------------------------------------------------

    private boolean waits(FormIndex index) {
        int event = model.getEvent(index);
        return (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT && !counted(index))
            || (event == FormEntryController.EVENT_QUESTION && !model.getQuestionPrompt(index).isReadOnly());
    }

    private boolean counted(FormIndex index) {
        return ((GroupDef) form.getChild(index)).getCountReference() != null;
    }

    private void forward() throws InvalidReferenceException {
        int event = next();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            if (event == FormEntryController.EVENT_QUESTION) {
                reach();
            }
            if (waits(model.getFormIndex())) {
                break;
            }
            if (event == FormEntryController.EVENT_QUESTION) {
                ObjectNode note = said.addObject().putObject("note");
                note.put("path", path(model.getFormIndex().getReference()));
                note.put("label", text(model.getQuestionPrompt().getQuestionText()));
            }
            event = next();
        }
        current();
    }

    /** [6.1] What is offered now, not what was when those that the filter names last held something else. */
    private static List<SelectChoice> choices(FormEntryPrompt prompt) {
        ItemsetBinding list = prompt.getQuestion().getDynamicChoices();
        if (list != null) {
            try {
                Field kept = ItemsetBinding.class.getDeclaredField("cachedTriggerValues");
                kept.setAccessible(true);
                kept.set(list, null);
            } catch (ReflectiveOperationException fault) {
                throw new IllegalStateException(fault);
            }
        }
        return prompt.getSelectChoices();
    }

    /** [12.4] A choice that is no longer offered is dropped, and what depends on it is worked out at once. */
    private void reach() throws InvalidReferenceException {
        FormEntryPrompt prompt = model.getQuestionPrompt();
        if (!chooses(prompt)) {
            return;
        }
        TreeReference reference = model.getFormIndex().getReference();
        TreeElement element = form.getMainInstance().resolveReference(reference);
        IAnswerData before = element.getValue();
        choices(prompt);
        IAnswerData now = element.getValue();
        if (now instanceof MultipleItemsData && ((List<?>) now.getValue()).isEmpty()) {
            now = null;
        }
        if (!plain(now).equals(plain(before))) {
            element.setAnswer(before);
            form.setValue(now, reference, true);
            settle();
        }
    }

    /** To the next place; JavaRosa makes the entries that a count asks for when it comes to them. */
    private int next() throws InvalidReferenceException {
        int event = controller.stepToNextEvent();
        if (event == FormEntryController.EVENT_REPEAT) {
            made();
            settle();
        }
        return event;
    }

    /** [first] The first entry of a user-driven repeat is made with the entry it stands in. */
    private void settle() throws InvalidReferenceException {
        if (repeats.isEmpty()) {
            return;
        }
        FormEntryModel surveyor = new FormEntryModel(form);
        FormIndex index = FormIndex.createBeginningOfFormIndex();
        while (!(index = surveyor.incrementIndex(index)).isEndOfFormIndex()) {
            if (surveyor.getEvent(index) == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
                if (index.getElementMultiplicity() == 0 && !counted(index)) {
                    form.createNewRepeat(index);
                    made();
                }
            }
        }
    }

    /** [7.9] What is worked out over all entries is worked out anew when one is made; JavaRosa does not see what stands
     * in groups of the new one. */
    private void made() throws InvalidReferenceException {
        made(form.getMainInstance().getRoot(), false, false);
    }

    private void made(TreeElement element, boolean opening, boolean fresh) throws InvalidReferenceException {
        for (int at = 0; at < element.getNumChildren(); at++) {
            TreeElement child = element.getChildAt(at);
            TreeReference reference = child.getRef();
            if (child.getMult() == TreeReference.INDEX_TEMPLATE) {
                continue;
            }
            boolean entry = repeats.contains(reference.toString(false));
            boolean anew = entry && entries.add(reference.toString(true)) && !opening;
            if (child.getNumChildren() > 0) {
                made(child, opening, anew || (fresh && !entry));
            } else if (fresh && !repeats.contains(element.getRef().toString(false))) {
                form.setValue(child.getValue(), reference, true);
            }
        }
    }

    // What is said --------------------------------------------------------------------------------------------

    private void current() {
        int event = model.getEvent();
        if (done) {
            said.addObject().putObject("done").set("answers", answers());
        } else if (event == FormEntryController.EVENT_END_OF_FORM) {
            said.addObject().set("review", answers());
        } else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
            ObjectNode repeat = said.addObject().putObject("repeat");
            String path = path(model.getFormIndex().getReference());
            repeat.put("path", path.substring(0, path.lastIndexOf('[')));
            repeat.put("count", model.getFormIndex().getElementMultiplicity());
        } else {
            ask(model.getQuestionPrompt());
        }
    }

    private void ask(FormEntryPrompt prompt) {
        ObjectNode ask = said.addObject().putObject("ask");
        TreeReference reference = model.getFormIndex().getReference();
        ask.put("path", path(reference));
        ask.put("name", reference.getNameLast());
        ask.put("type", type(prompt));
        ask.put("label", text(prompt.getQuestionText()));
        ask.put("hint", text(prompt.getHelpText()));
        ask.put("required", prompt.isRequired());
        if (chooses(prompt)) {
            ArrayNode choices = ask.putArray("choices");
            for (SelectChoice choice : choices(prompt)) {
                ObjectNode one = choices.addObject();
                one.put("name", choice.getValue());
                one.put("label", text(prompt.getSelectChoiceText(choice)));
            }
        }
    }

    private void refuse(int outcome) {
        FormEntryPrompt prompt = model.getQuestionPrompt();
        if (outcome == FormEntryController.ANSWER_CONSTRAINT_VIOLATED) {
            refuse("constraint", text(prompt.getConstraintText()));
            return;
        }
        TreeReference reference = model.getFormIndex().getReference();
        TreeElement element = form.getMainInstance().resolveReference(reference);
        String message = element.getBindAttributeValue(JR, "requiredMsg");
        if (message != null && message.startsWith("jr:itext(")) {
            message = form.getLocalizer().getText(message.replaceAll("^jr:itext\\('|'\\)$", ""));
            message = form.fillTemplateString(message, reference);
        }
        refuse("required", text(message));
    }

    private void refuse(String reason, String message) {
        ObjectNode refused = said.addObject().putObject("refused");
        refused.put("path", path(model.getFormIndex().getReference()));
        refused.put("reason", reason);
        refused.put("message", message);
        current();
    }

    private static String text(String words) {
        return words == null ? "" : words;
    }

    private String path(TreeReference reference) {
        StringBuilder path = new StringBuilder();
        StringBuilder generic = new StringBuilder();
        for (int level = 0; level < reference.size(); level++) {
            generic.append('/').append(reference.getName(level));
            path.append('/').append(reference.getName(level));
            if (repeats.contains(generic.toString())) {
                path.append('[').append(reference.getMultiplicity(level) + 1).append(']');
            }
        }
        return path.toString();
    }

    private ObjectNode answers() {
        return (ObjectNode) nested(form.getMainInstance().getRoot());
    }

    private JsonNode nested(TreeElement element) {
        if (element.isLeaf() && !repeats.contains(element.getRef().toString(false))) {
            return plain(element.getValue());
        }
        ObjectNode whole = JSON.createObjectNode();
        for (int at = 0; at < element.getNumChildren(); at++) {
            TreeElement child = element.getChildAt(at);
            if (!child.isRelevant() || child.getMult() == TreeReference.INDEX_TEMPLATE) {
                continue;
            }
            JsonNode value = nested(child);
            if (repeats.contains(child.getRef().toString(false))) {
                ArrayNode entries = (ArrayNode) whole.get(child.getName());
                (entries == null ? whole.putArray(child.getName()) : entries).add(value);
            } else if (!value.isNull()) {
                whole.set(child.getName(), value);
            }
        }
        return whole;
    }

    private static JsonNode plain(IAnswerData data) {
        if (data == null) {
            return JSON.nullNode();
        }
        Object value = data.getValue();
        if (data instanceof IntegerData) {
            return JSON.getNodeFactory().numberNode((Integer) value);
        } else if (data instanceof LongData) {
            return JSON.getNodeFactory().numberNode((Long) value);
        } else if (data instanceof DecimalData) {
            return JSON.getNodeFactory().numberNode((Double) value);
        } else if (data instanceof BooleanData) {
            return JSON.getNodeFactory().booleanNode((Boolean) value);
        } else if (data instanceof MultipleItemsData) {
            ArrayNode names = JSON.createArrayNode();
            for (Object one : (List<?>) value) {
                names.add(((Selection) one).getValue());
            }
            return names;
        } else if (data instanceof DateTimeData) {
            return JSON.getNodeFactory().textNode(data.uncast().getString().substring(0, 16));
        } else if (data instanceof TimeData) {
            return JSON.getNodeFactory().textNode(data.uncast().getString().substring(0, 5));
        }
        return JSON.getNodeFactory().textNode(data.uncast().getString());
    }

    // Answers -------------------------------------------------------------------------------------------------

    private static final class Misfit extends Exception {
        Misfit(String reason) {
            super(reason);
        }
    }

    private static boolean chooses(FormEntryPrompt prompt) {
        int control = prompt.getControlType();
        return control == Constants.CONTROL_SELECT_ONE || control == Constants.CONTROL_SELECT_MULTI
            || control == Constants.CONTROL_RANK;
    }

    private static String type(FormEntryPrompt prompt) {
        switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE: return "select_one";
            case Constants.CONTROL_SELECT_MULTI: return "select_multiple";
            case Constants.CONTROL_RANK: return "rank";
            case Constants.CONTROL_TRIGGER: return "acknowledge";
            case Constants.CONTROL_RANGE: return "range";
            default:
        }
        switch (prompt.getDataType()) {
            case Constants.DATATYPE_INTEGER: return "integer";
            case Constants.DATATYPE_DECIMAL: return "decimal";
            case Constants.DATATYPE_DATE: return "date";
            case Constants.DATATYPE_TIME: return "time";
            case Constants.DATATYPE_DATE_TIME: return "dateTime";
            default: return "text";
        }
    }

    /** [3.6-3.8] What a client checks before JavaRosa sees the answer: its form, and that it is offered. */
    private static IAnswerData read(FormEntryPrompt prompt, JsonNode value) throws Misfit {
        String words = value.isTextual() || value.isNumber() ? value.asText() : "";
        switch (type(prompt)) {
            case "integer":
                return new IntegerData(Integer.parseInt(matching("-?[0-9]{1,9}", words)));
            case "decimal":
                return new DecimalData(Double.parseDouble(matching("-?[0-9]+(\\.[0-9]+)?", words)));
            case "range":
                return onRange(prompt, new BigDecimal(matching("-?[0-9]+(\\.[0-9]+)?", words)));
            case "date":
                return new DateData(orMisfit(DateUtils.parseDate(matching("[0-9]{4}-[0-9]{2}-[0-9]{2}", words))));
            case "time":
                return new TimeData(DateUtils.parseTime(matching("([01][0-9]|2[0-3]):[0-5][0-9]", words)));
            case "dateTime":
                matching("[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]", words);
                orMisfit(DateUtils.parseDate(words.substring(0, 10)));
                return new DateTimeData(DateUtils.parseDateTime(words + ":00.000"));
            case "acknowledge":
                return new StringData(matching("OK", words));
            case "text":
                return new StringData(matching("(?s).+", words));
            default:
                return chosen(prompt, value);
        }
    }

    private static String matching(String pattern, String words) throws Misfit {
        if (!words.matches(pattern)) {
            throw new Misfit("type");
        }
        return words;
    }

    private static <T> T orMisfit(T value) throws Misfit {
        if (value == null) {
            throw new Misfit("type");
        }
        return value;
    }

    private static IAnswerData onRange(FormEntryPrompt prompt, BigDecimal value) throws Misfit {
        RangeQuestion range = (RangeQuestion) prompt.getQuestion();
        BigDecimal from = value.subtract(range.getRangeStart());
        boolean within = from.signum() >= 0 && value.compareTo(range.getRangeEnd()) <= 0;
        if (!within || from.remainder(range.getRangeStep().abs()).signum() != 0) {
            throw new Misfit("type");
        }
        boolean whole = prompt.getDataType() == Constants.DATATYPE_INTEGER;
        return whole ? new IntegerData(value.intValueExact()) : new DecimalData(value.doubleValue());
    }

    private static IAnswerData chosen(FormEntryPrompt prompt, JsonNode value) throws Misfit {
        boolean one = prompt.getControlType() == Constants.CONTROL_SELECT_ONE;
        List<String> given = new ArrayList<>();
        if (value.isArray() && !one) {
            value.forEach(name -> given.add(name.asText()));
        } else if (value.isTextual() || (value.isNumber() && one)) {
            given.addAll(one ? List.of(value.asText()) : List.of(value.asText().trim().split("\\s+")));
        } else {
            throw new Misfit("type");
        }
        Set<String> names = new LinkedHashSet<>(given);
        List<SelectChoice> offered = choices(prompt);
        List<Selection> selections = new ArrayList<>();
        for (String name : names) {
            for (SelectChoice choice : offered) {
                if (choice.getValue().equals(name)) {
                    selections.add(choice.selection());
                    break;
                }
            }
        }
        boolean rank = prompt.getControlType() == Constants.CONTROL_RANK;
        boolean all = given.size() == offered.size() && names.size() == offered.size();
        if (selections.size() != names.size() || (rank && !all)) {
            throw new Misfit("choice");
        }
        if (one) {
            return new SelectOneData(selections.get(0));
        }
        return rank ? new MultipleItemsData(selections) : new SelectMultiData(selections);
    }

    // Functions in whose place JavaRosa has others ------------------------------------------------------------

    private abstract static class Function implements IFunctionHandler {
        public List<Class[]> getPrototypes() {
            return new ArrayList<>();
        }

        public boolean rawArgs() {
            return true;
        }

        public boolean realTime() {
            return false;
        }
    }

    /** [12.3 max] The largest, of negative numbers too. */
    private static final class Largest extends Function {
        public String getName() {
            return "largest";
        }

        public Object eval(Object[] given, EvaluationContext context) {
            Object[] values = given.length == 1 && given[0] instanceof XPathNodeset
                ? ((XPathNodeset) given[0]).toArgList() : given;
            double largest = Double.NaN;
            for (Object value : values) {
                double number = XPathFuncExpr.toNumeric(value);
                largest = Double.isNaN(largest) || number > largest ? number : largest;
            }
            return largest;
        }
    }

    /** [12.3 time] A time or moment as it is written. */
    private static final class Clock extends Function {
        public String getName() {
            return "clock";
        }

        public Object eval(Object[] given, EvaluationContext context) {
            Object value = XPathFuncExpr.unpack(given[0]);
            String form = (String) given[1];
            return value instanceof java.util.Date ? DateUtils.format((java.util.Date) value, form) : "";
        }
    }

    /** [day] One day for both sides. */
    private static final class Today extends Function {
        public String getName() {
            return "that-day";
        }

        public Object eval(Object[] given, EvaluationContext context) {
            return DateUtils.parseDate("2026-11-25");
        }
    }
}
