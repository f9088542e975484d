using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Options;
using DropoutLab.Experiments;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Commands;

/// <summary>The options of train that a result depends on, read by train's own parser.</summary>
internal sealed class TrainRunSettings : IRunSettings, IDisposable
{
    private readonly Command command = new("train");
    private readonly TrainSettings settings;
    private readonly ComputeOptions compute;
    private readonly HashSet<string> computeOptions;
    private readonly RunConfiguration? begun;
    private readonly Dictionary<string, Compute> devices = [];

    /// <param name="begun">A run of the sweep that is gone on with, for what computes; null where one begins.</param>
    public TrainRunSettings(RunConfiguration? begun = null)
    {
        this.begun = begun;
        settings = new TrainSettings(command);
        HashSet<string> ofTraining = [.. Options];
        compute = new ComputeOptions(command);
        computeOptions = [.. Options.Except(ofTraining)];
    }

    /// <summary>One line where something would make the runs configured so far faster, else null.</summary>
    public string? Advice => devices.Values.Select(device => device.Advice).FirstOrDefault(advice => advice is not null);

    public IReadOnlyList<string> Options => [.. command.Options.Select(option => option.Name.TrimStart('-'))];

    /// <summary>Settings as a command line has them.</summary>
    public static IEnumerable<string> Arguments(IEnumerable<KeyValuePair<string, string>> settings) =>
        settings.SelectMany(setting => new[] { $"--{setting.Key}", setting.Value });

    public string OptionOf(string setting) => SharedOptions.NameOf(setting).TrimStart('-');

    public string? Mistake(string option, string value)
    {
        ParseResult parse = command.Parse([$"--{option}", value], CommandLineApplication.Parser);
        return parse.Errors is [var first, ..] ? first.Message.Replace($"--{option}: ", "", StringComparison.Ordinal) : null;
    }

    public RunConfiguration Configure(IEnumerable<KeyValuePair<string, string>> settings)
    {
        // Where a sweep is gone on with, auto is what it was.
        KeyValuePair<string, string>[] all = [.. settings.Where(
            setting => begun is null || setting.Value != ComputeOptions.Auto || !computeOptions.Contains(setting.Key))];
        ParseResult parse = command.Parse([.. Arguments(all)], CommandLineApplication.Parser);
        return this.settings.Configure(parse, null, DeviceFor(parse, all));
    }

    public void Dispose()
    {
        foreach (Compute device in devices.Values)
            device.Dispose();
    }

    private Compute DeviceFor(ParseResult parse, IEnumerable<KeyValuePair<string, string>> all)
    {
        string key = string.Join(
            ' ', Arguments(all.Where(setting => computeOptions.Contains(setting.Key)).OrderBy(setting => setting.Key)));
        if (!devices.TryGetValue(key, out Compute? device))
            devices.Add(key, device = compute.Open(parse, PrecisionFor(all), begun?.Backend, begun?.Threads));
        return device;
    }

    /// <summary>A cell with another backend than the sweep was begun with has that one's precision.</summary>
    private Precision? PrecisionFor(IEnumerable<KeyValuePair<string, string>> all)
    {
        string? backend = all.FirstOrDefault(setting => setting.Key == "backend").Value;
        return backend is null || backend == begun?.Backend ? begun?.Precision : null;
    }
}
