using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DropoutLab;
using DropoutLab.Benchmarks.Masks;
using DropoutLab.Benchmarks.Shapes;
using DropoutLab.Benchmarks.Steps;
using DropoutLab.Cli;

// No RootCommand: that would name itself after the assembly.
Command root = new("benchmarks", "Measure DropoutLab, and check it for long.")
{
    new MasksCommand(),
    new ShapesCommand(),
    new StepsCommand(),
    new HelpOption { Recursive = true },
};
ParseResult parse = root.Parse(args);
try
{
    return parse.Action is ParseErrorAction
        ? Fail(ParseErrors.Describe(parse))
        : parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (DropoutLabException exception)
{
    return Fail(exception.Message);
}
catch (OutOfMemoryException)
{
    return Fail("there is not enough memory: smaller --megabytes or --batch need less");
}

static int Fail(string message)
{
    Console.Error.WriteLine($"benchmarks: {message}");
    return ExitCode.BadInput;
}
