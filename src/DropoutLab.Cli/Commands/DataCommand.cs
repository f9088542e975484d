using System.CommandLine;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;

namespace DropoutLab.Cli.Commands;

/// <summary>Data sets at hand, and getting them.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand(CommandConsole console)
        : base("data", "List the data sets, and get them.")
    {
        Add(new ListCommand(console));
        Add(new FetchCommand(console));
    }

    private sealed class ListCommand : Command
    {
        private readonly CommandConsole console;
        private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();

        public ListCommand(CommandConsole console)
            : base("list", "Say where each data set lies, or how to get it.")
        {
            this.console = console;
            Add(dataDirectory);
            SetAction(Run);
        }

        private int Run(ParseResult parse)
        {
            string? directory = parse.GetValue(dataDirectory);
            ResultTable table = new(console, "name", "<data set", "<where it lies");
            foreach (DatasetSource source in DatasetCatalog.Sources)
            {
                string place = DatasetCatalog.Locate(source.Name, directory)
                    ?? $"not at hand; to get it: {console.Program} data fetch {source.Name}";
                table.AddRow(source.Name, source.Title, place);
            }

            table.Write();
            console.Output.WriteLine(
                $"looked for in {DataDirectory.Resolve(directory)} (--data-dir or {DataDirectory.EnvironmentVariable} name "
                    + "another folder)");
            return ExitCode.Success;
        }
    }

    private sealed class FetchCommand : Command
    {
        private readonly CommandConsole console;
        private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
        private readonly Argument<string[]> names = new("NAME")
        {
            Description = $"The data sets to get: {string.Join(", ", DatasetCatalog.Sources.Select(source => source.Name))}",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
                [.. result.Tokens.Select(
                    token => CommandOption.Read(result, name: "", token.Value, text => DatasetCatalog.Find(text).Name)!)],
        };

        public FetchCommand(CommandConsole console)
            : base("fetch", "Download data sets that are not at hand or damaged; what an earlier start left is gone on with.")
        {
            this.console = console;
            Add(names);
            Add(dataDirectory);
            SetAction(Run);
        }

        private int Run(ParseResult parse)
        {
            foreach (string name in parse.GetRequiredValue(names))
            {
                ImageDataset data = DatasetLoading.Repair(console, name, parse.GetValue(dataDirectory));
                console.Output.WriteLine($"{name} is at hand: {data.Location}");
            }

            return ExitCode.Success;
        }
    }
}
