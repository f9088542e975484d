using System.Diagnostics;
using DropoutLab.Data;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Gets data sets, and shows what is downloaded for that.</summary>
internal static class DatasetLoading
{
    private const double UpdatesPerSecond = 10;

    /// <summary>Downloads a data set where it is not at hand; returns where it lies.</summary>
    public static string Fetch(CommandConsole console, string name, string? dataDirectory, bool quiet = false)
    {
        if (DatasetCatalog.Locate(name, dataDirectory) is { } atHand)
            return atHand;
        string Get(IProgress<DownloadProgress>? progress) => DatasetCatalog.Fetch(name, dataDirectory, progress, console.Cancellation);
        if (quiet)
            return Get(null);
        if (!console.IsTerminal)
            return Get(new Lines(console.Output));
        return console.Ansi.Progress().AutoRefresh(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context => Get(new Bars(context)));
    }

    /// <summary>Reads a data set into memory, and downloads it before where it is not at hand.</summary>
    public static ImageDataset Load(CommandConsole console, string name, string? dataDirectory, bool quiet = false)
    {
        Fetch(console, name, dataDirectory, quiet);
        return DatasetCatalog.Load(name, dataDirectory, progress: null, console.Cancellation);
    }

    /// <summary>A bar a file.</summary>
    private sealed class Bars(ProgressContext context) : IProgress<DownloadProgress>
    {
        private readonly Dictionary<string, ProgressTask> bars = [];
        private readonly Throttle throttle = new(UpdatesPerSecond);

        public void Report(DownloadProgress value)
        {
            if (!bars.TryGetValue(value.File, out ProgressTask? bar))
                bars.Add(value.File, bar = context.AddTask(value.File));
            bar.MaxValue = value.Total ?? value.Bytes + 1;
            bar.Value = value.Bytes;
            if (throttle.Pass(Stopwatch.GetTimestamp()) || value.Bytes == value.Total)
                context.Refresh();
        }
    }

    /// <summary>A line a file.</summary>
    private sealed class Lines(TextWriter output) : IProgress<DownloadProgress>
    {
        private const double Megabyte = 1e6;

        private readonly HashSet<string> begun = [];

        public void Report(DownloadProgress value)
        {
            if (begun.Add(value.File))
                output.WriteLine($"downloading {value.File}{(value.Total is { } total ? $", {total / Megabyte:f1} MB" : "")}");
        }
    }
}
