using System.Diagnostics;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Runs;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Gets data sets, and shows what is downloaded for that.</summary>
internal static class DatasetLoading
{
    private const double UpdatesPerSecond = 10;
    private const double Megabyte = 1e6;

    /// <summary>Downloads a data set where it is not at hand; returns where it lies.</summary>
    public static string Fetch(CommandConsole console, string name, string? dataDirectory, bool quiet = false)
    {
        if (DatasetCatalog.Locate(name, dataDirectory) is { } atHand)
            return atHand;
        string Get(IProgress<DownloadProgress>? progress) =>
            DatasetCatalog.Fetch(name, dataDirectory, progress, console.Cancellation);
        return quiet ? Get(null) : ShowingDownloads(console, Get);
    }

    /// <summary>Reads a run's data, and downloads them before where they are not at hand.</summary>
    /// <param name="console">Where downloads are shown, and what is noted.</param>
    /// <param name="run">Whose data.</param>
    /// <param name="dataDirectory">The folder that the user named, or null.</param>
    /// <param name="quiet">Whether no download is shown.</param>
    /// <param name="notes">Whether foreign data are told of.</param>
    public static RunData Load(CommandConsole console, RunConfiguration run, string? dataDirectory, bool quiet, bool notes)
    {
        if (DataChoice.IsOwn(run.Dataset))
            return RunData.Load(run, dataDirectory, progress: null, console.Cancellation);
        ImageDataset data = Load(console, run.Dataset, dataDirectory, quiet);
        if (notes && quiet)
            NoteForeign(console, data);
        return RunData.Of(run, data);
    }

    /// <summary>
    /// Reads a data set into memory, and downloads it before where it is not at hand. Says if it is foreign, unless that is to be
    /// quiet.
    /// </summary>
    public static ImageDataset Load(CommandConsole console, string name, string? dataDirectory, bool quiet = false)
    {
        Fetch(console, name, dataDirectory, quiet);
        ImageDataset data = DatasetCatalog.Load(name, dataDirectory, progress: null, console.Cancellation);
        if (!quiet)
            NoteForeign(console, data);
        return data;
    }

    /// <summary>Reads a data set into memory, and downloads it before where it is not at hand, or damaged.</summary>
    public static ImageDataset Repair(CommandConsole console, string name, string? dataDirectory)
    {
        ImageDataset data = ShowingDownloads(
            console, progress => DatasetCatalog.Repair(name, dataDirectory, progress, console.Cancellation));
        NoteForeign(console, data);
        return data;
    }

    /// <summary>Says so where other files than a set's published ones lie under their names.</summary>
    public static void NoteForeign(CommandConsole console, ImageDataset data)
    {
        if (data.IsPublished == false)
            console.Note(
                $"{data.Location} holds other files than the published ones of {DatasetCatalog.Find(data.Name).Title}: "
                + "results are not results on that data set; move them away to have those downloaded");
    }

    private static T ShowingDownloads<T>(CommandConsole console, Func<IProgress<DownloadProgress>, T> get)
    {
        if (!console.IsTerminal)
            return get(new Lines(console.Output));
        return LiveBar.Show(console.Ansi, bar => get(new Bar(console.Ansi, bar)));
    }

    private static string Begun(DownloadProgress progress) =>
        $"downloading {progress.File}{(progress.Total is { } total ? $", {total / Megabyte:f1} MB" : "")}";

    /// <summary>A line a file, and below them a bar for the last.</summary>
    private sealed class Bar(IAnsiConsole console, LiveBar bar) : IProgress<DownloadProgress>
    {
        private readonly Throttle throttle = new(UpdatesPerSecond);
        private DownloadProgress? first;
        private long start;

        public void Report(DownloadProgress value)
        {
            if (first?.File != value.File)
            {
                (first, start) = (value, Stopwatch.GetTimestamp());
                console.WriteLine(Begun(value));
            }

            if (throttle.Pass(Stopwatch.GetTimestamp()) || value.Bytes == value.Total)
                bar.Draw(value.File, value.Total is > 0 and { } total ? (double)value.Bytes / total : 0, Figures(value));
        }

        private IEnumerable<string> Figures(DownloadProgress value)
        {
            yield return $"{value.Bytes / Megabyte:f1} MB";
            double speed = (value.Bytes - first!.Bytes) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (!double.IsNormal(speed))
                yield break;
            yield return $"{speed / Megabyte:f1} MB/s";
            if (value.Total is { } total)
                yield return $"{Duration.Text(TimeSpan.FromSeconds((total - value.Bytes) / speed))} left";
        }
    }

    /// <summary>A line a file.</summary>
    private sealed class Lines(TextWriter output) : IProgress<DownloadProgress>
    {
        private readonly HashSet<string> begun = [];

        public void Report(DownloadProgress value)
        {
            if (begun.Add(value.File))
                output.WriteLine(Begun(value));
        }
    }
}
