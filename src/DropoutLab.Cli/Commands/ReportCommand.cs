using System.CommandLine;
using DropoutLab.Cli.Options;
using DropoutLab.Dashboard.Report;
using DropoutLab.Dashboard.Report.Text;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Commands;

/// <summary>A sweep's tables, verdicts and figures as a page, or its tables in other formats.</summary>
internal sealed class ReportCommand : Command
{
    private const string Html = "html";
    private const string DefaultFileName = "report.html";

    private static readonly Dictionary<string, Func<SweepSummary, Task<string>>> Formats = new()
    {
        [Html] = ReportDocument.RenderPageAsync,
        ["csv"] = summary => Task.FromResult(CsvTable.Render(summary)),
        ["markdown"] = summary => Task.FromResult(MarkdownTables.Render(summary)),
        ["latex"] = summary => Task.FromResult(LatexTables.Render(summary)),
    };

    private readonly CommandConsole console;
    private readonly Argument<string> folder =
        CommandOption.PathArgument("DIR", "The folder of a sweep, or of a run, at work or finished");
    private readonly Option<string?> file = OutputFile.Option(
        "File to write", "DIR/report.html; standard output for csv, markdown and latex");

    private readonly Option<string?> format = CommandOption.Create<string>(
        "--format", "NAME", $"{string.Join(", ", Formats.Keys)}: the whole report as a page, or the tables alone", Html,
        ReadFormat);

    private readonly Option<string?> pictures = PictureFolder.Option();

    public ReportCommand(CommandConsole console)
        : base("report",
            "Write a sweep's tables, verdicts and figures as one HTML page, or its tables as CSV, Markdown or LaTeX.")
    {
        this.console = console;
        Add(folder);
        foreach (Option option in (Option[])[file, format, pictures])
            Add(option);
        SetAction((parse, _) => Run(parse));
    }

    private async Task<int> Run(ParseResult parse)
    {
        string source = parse.GetRequiredValue(folder), name = parse.GetValue(format) ?? Html;
        SweepSummary summary = await Read(source);
        string text = await Formats[name](summary);
        string? target = parse.GetValue(file) ?? (name == Html ? Path.Combine(source, DefaultFileName) : null);
        // The page last: whoever finds it finds its pictures.
        if (parse.GetValue(pictures) is string pictureFolder)
            await WritePictures(summary, pictureFolder, target);
        if (target is null)
            console.Output.Write(text);
        else
            Write(target, text, name);
        return ExitCode.Success;
    }

    /// <summary>Where Slurm does not answer, what the folder says is still true.</summary>
    private async Task<SweepSummary> Read(string source)
    {
        SweepSummary summary = SweepSummary.Read(source);
        try
        {
            return (await SlurmTasks.AskAsync(source, summary, console.Cancellation)).On(summary);
        }
        catch (DropoutLabException exception)
        {
            console.Note($"what Slurm has of the runs is not known: {exception.Message}");
            return summary;
        }
    }

    private async Task WritePictures(SweepSummary summary, string pictureFolder, string? target)
    {
        IReadOnlyDictionary<string, string> files = await ReportDocument.RenderPicturesAsync(summary);
        PictureFolder.Write(pictureFolder, files);
        console.Told(target, $"wrote {files.Count} pictures into {pictureFolder}");
    }

    private void Write(string target, string text, string name)
    {
        AtomicFile.WriteText(target, text);
        console.Told(target, $"wrote {target}{(name == Html ? ": open it in a browser" : "")}");
    }

    private static string ReadFormat(string text) => Formats.ContainsKey(text)
        ? text
        : throw new DropoutLabException($"'{text}' is no format: use {string.Join(", ", Formats.Keys)}");
}
