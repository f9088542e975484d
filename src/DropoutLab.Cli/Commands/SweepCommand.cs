using System.CommandLine;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Commands;

/// <summary>Trains every run of a sweep's file, and goes on with a sweep that was interrupted.</summary>
internal sealed class SweepCommand : Command
{
    private const string ThreadsOption = "threads";
    private const int MostJobs = 1024;

    private readonly CommandConsole console;
    private readonly Argument<string> file = CommandOption.PathArgument("FILE", "The sweep in YAML: recipe, axes, cells, seeds");
    private readonly Option<string?> folder = OutputFolder.Option(
        "The sweep's folder; a sweep in it is gone on with", "runs/NAME, as the file is named");

    private readonly Option<int?> jobs = CommandOption.Create(
        "--jobs", "J", "Runs at a time, each in a process of its own", "processors / threads",
        CommandOption.WholeNumber(1, MostJobs));

    private readonly Option<int?> threads = CommandOption.Create(
        $"--{ThreadsOption}", "N", "Threads of each run", "1; more if fewer runs than processors go side by side",
        CommandOption.WholeNumber(1, MostJobs));

    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly Option<bool> dryRun = CommandOption.Flag(
        "--dry-run", "List the runs and the time they should take, and train nothing");

    private readonly SlurmOptions slurm;

    public SweepCommand(CommandConsole console)
        : base("sweep",
            "Train every run of a grid, side by side; a later start goes on where this one stopped. Ends with statistics.")
    {
        this.console = console;
        Add(file);
        Add(folder);
        Add(jobs);
        Add(threads);
        Add(dataDirectory);
        Add(dryRun);
        slurm = new SlurmOptions(this);
        SetAction((parse, _) => Run(parse));
    }

    private async Task<int> Run(ParseResult parse)
    {
        ThreadBinding.Forget();
        bool isForSlurm = slurm.AreAsked(parse, jobs, dryRun);
        string path = parse.GetValue(file)!;
        string root = parse.GetValue(folder) ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(path));
        List<SweepMistake> mistakes = [];
        SweepFile sweep = SweepFile.Read(path, mistakes);
        (int Threads, RunConfiguration? Compute)? begun = SweepFolder.Begun(root);
        SideBySide sides = Sides(parse, begun?.Threads, sweep, isForSlurm);
        using TrainRunSettings settings = new(begun?.Compute);
        SweepPlan plan = SweepPlan.Make(
            sweep, settings, mistakes, new Dictionary<string, string> { [ThreadsOption] = $"{sides.Threads}" });
        if (mistakes.Count > 0)
            return Fail(path, mistakes);
        // what is granted
        sides = sides with { Threads = Math.Min(sides.Threads, plan.Cells.Max(cell => cell.Configuration.Threads)) };
        if (settings.Advice is { } advice)
            console.Note(advice);
        if (parse.GetValue(dryRun))
            return DryRun(plan, root, sides, parse.GetValue(dataDirectory));
        SlurmTasks tasks = begun is null ? SlurmTasks.None : await TasksOf(root, mustKnow: isForSlurm);
        return isForSlurm ? await Submit(parse, path, sweep.Text, root, plan, sides.Threads, tasks)
            : tasks.Live.Count == 0 ? Train(parse, path, sweep.Text, root, plan, sides)
            : throw new DropoutLabException(
                $"{Quantity.Text(tasks.Live.Count, "run")} of {root} are in Slurm's queue ({tasks.Words()}): wait for them, or "
                    + $"end them: scancel {string.Join(' ', tasks.Live.Select(task => task.Job).Distinct())}");
    }

    /// <summary>
    /// What Slurm has of a sweep. Where nothing is to be submitted, and it does not answer, locks keep runs apart.
    /// </summary>
    private async Task<SlurmTasks> TasksOf(string root, bool mustKnow)
    {
        try
        {
            return await SlurmTasks.AskAsync(root, SweepSummary.Read(root), console.Cancellation);
        }
        catch (DropoutLabException exception) when (!mustKnow)
        {
            console.Note($"whether runs of {root} are with Slurm is not known: {exception.Message}");
            return SlurmTasks.None;
        }
    }

    private async Task<int> Submit(
        ParseResult parse, string path, string yaml, string root, SweepPlan plan, int threads, SlurmTasks tasks)
    {
        SlurmRequest request = slurm.Request(parse, plan.Cells.Max(cell => cell.Configuration.Threads));
        tasks.RequireNames(root, plan);
        plan = WithDigests(plan, parse.GetValue(dataDirectory));
        using SweepFolder sweep = SweepFolder.Open(root, plan, yaml, threads);
        SweepSubmission submission = new(
            console, sweep, tasks, request, SweepTaskCommand.Line(root, parse.GetValue(dataDirectory)));
        if (slurm.IsScript(parse))
            return await submission.WriteScriptAsync();
        if (!submission.IsOver)
            return await submission.SubmitAsync(ResumeHint(parse, path, root));
        Conclude(root);
        return ExitCode.Success;
    }

    private SideBySide Sides(ParseResult parse, int? begunWith, SweepFile sweep, bool isForSlurm)
    {
        int? inFile = sweep.Recipe.FirstOrDefault(setting => setting.Option == ThreadsOption) is { } setting
            && int.TryParse(setting.Value, out int number) && number > 0 ? number : null;
        if (inFile is not null && parse.GetValue(threads) is not null)
            throw new DropoutLabException("--threads is given and in the file's recipe too: once is enough");
        int? given = inFile ?? parse.GetValue(threads) ?? begunWith;
        // How many processors this machine has is nothing to Slurm's nodes.
        if (isForSlurm)
            return new SideBySide(1, given ?? slurm.Processors(parse) ?? 1);
        return SideBySide.Choose(
            Environment.ProcessorCount, sweep.Grids.Sum(grid => grid.Combinations().Count()) * sweep.Seeds.Count,
            parse.GetValue(jobs), given);
    }

    private int Fail(string path, IEnumerable<SweepMistake> mistakes)
    {
        foreach (SweepMistake mistake in mistakes.OrderBy(mistake => mistake.Line))
            console.Note($"{path}, {mistake}");
        return ExitCode.BadInput;
    }

    private int DryRun(SweepPlan plan, string root, SideBySide sides, string? data)
    {
        SweepFolder.Check(root, plan);
        RunRecord[] whole = [.. SweepFolder.Found(root, plan).Where(SweepFolder.IsWhole)];
        HashSet<string> finished = [.. whole.Select(run => run.Run.Name)];
        SweepForecast forecast = SweepForecast.Make(plan, whole, data, console.Cancellation);
        ResultTable table = new(console, "run", "<dropout", "<at", "seed", "epochs", "time");
        foreach (SweepRun run in plan.Runs)
        {
            RunConfiguration configuration = run.Configuration;
            string time = finished.Contains(run.Name) ? "finished"
                : forecast.Pace.SecondsOf(run.Cell) is { } seconds ? Duration.Text(TimeSpan.FromSeconds(seconds))
                : "–";
            string sites = run.Cell.Dropout.IsPlain ? "–" : $"{configuration.DropoutAt}";
            table.AddRow(run.Name, $"{configuration.Dropout}", sites, $"{run.Seed}", $"{configuration.Epochs}", time);
        }

        table.Write();
        SweepRun[] left = [.. plan.Runs.Where(run => !finished.Contains(run.Name))];
        string total = forecast.Pace.IsKnown
            ? Duration.Text(TimeSpan.FromSeconds(
                SweepPace.Makespan(new double[sides.Jobs], left.Select(run => forecast.Pace.SecondsOf(run.Cell)!.Value))))
            : "an unknown time";
        console.Output.WriteLine($"{Quantity.Text(left.Length, "run")} to train, {Side(sides)}: {total} {forecast.Basis}");
        return ExitCode.Success;
    }

    private int Train(ParseResult parse, string path, string yaml, string root, SweepPlan plan, SideBySide sides)
    {
        string? data = parse.GetValue(dataDirectory);
        plan = WithDigests(plan, data);
        using SweepFolder sweep = SweepFolder.Open(root, plan, yaml, sides.Threads);
        SweepExecution execution = new(
            sweep, (run, folder) => OwnProgram.Start(SweepRunCommand.ArgumentsFor(run, folder, data)), sides.Jobs);
        SweepSummary before = SweepSummary.Read(root);
        SweepProgress progress = new(plan, before, execution, sides.Jobs);
        int cores = Environment.ProcessorCount;
        if ((long)sides.Jobs * sides.Threads > cores)
            console.Note(
                $"{Side(sides)} want {sides.Jobs * sides.Threads} processors, there are {cores}: runs will wait for each other");
        if (before.Versions().Except([RunEnvironment.Version]).ToArray() is { Length: > 0 } others)
            console.Note(
                $"{root} holds runs of DropoutLab {string.Join(", ", others)}, this is {RunEnvironment.Version}: their masks may "
                    + "be others");
        console.Output.WriteLine(
            $"{plan.Name}: {progress.Finished} of {Quantity.Text(progress.Total, "run")} finished; {Side(sides)}; {root}");
        try
        {
            int nameWidth = plan.Runs.Max(run => CellText.Width(run.Name));
            SweepDisplay.Show(console, progress, nameWidth, ended => execution.RunAsync(ended, console.Cancellation));
        }
        catch (OperationCanceledException)
        {
            TryWriteSummary(root);
            return console.Fail(
                $"interrupted after {progress.Finished} of {Quantity.Text(progress.Total, "run")}; go on with: "
                    + $"{ResumeHint(parse, path, root)}", ExitCode.Interrupted);
        }
        catch (Exception exception) when (CommandConsole.IsUnwritable(exception))
        {
            TryWriteSummary(root); // The runs went on, though nobody could be told.
            throw;
        }

        Conclude(root);
        return progress.Failed == 0
            ? ExitCode.Success
            : console.Fail($"{progress.Failed} of {Quantity.Text(progress.Total, "run")} failed; the next start tries them again",
                ExitCode.RunsFailed);
    }

    private void Conclude(string root)
    {
        SweepSummary summary = SweepSummary.Read(root);
        summary.Write(root);
        SweepTables.Write(console, summary);
        console.Output.WriteLine($"written to {Path.Combine(root, SweepSummary.MarkdownFileName)} and {SweepSummary.FileName}");
    }

    /// <summary>The plan with the data that are at hand now, by their digests: no run is to be of others.</summary>
    private SweepPlan WithDigests(SweepPlan plan, string? dataDirectory)
    {
        Dictionary<string, DataDigests> digests = plan.Cells.Select(cell => cell.Configuration.Dataset).Distinct()
            .ToDictionary(name => name, name => DatasetLoading.Load(console, name, dataDirectory).Digests);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive); // The images are done with here; the runs need the memory.
        return plan with { Cells = [.. plan.Cells.Select(WithDigest)] };

        SweepCell WithDigest(SweepCell cell) =>
            cell with { Configuration = cell.Configuration with { Data = digests[cell.Configuration.Dataset] } };
    }

    /// <summary>At an interruption, that and how to go on is what the user has to know.</summary>
    private void TryWriteSummary(string root)
    {
        try
        {
            SweepSummary.Read(root).Write(root);
        }
        catch (DropoutLabException exception)
        {
            console.Note(exception.Message);
        }
    }

    private static string Side(SideBySide sides) => $"{sides.Jobs} at a time on {Quantity.Text(sides.Threads, "thread")} each";

    private string ResumeHint(ParseResult parse, string path, string root)
    {
        IEnumerable<string> options =
        [
            $"--out {CommandConsole.Quoted(root)}",
            .. parse.GetValue(jobs) is { } j ? [$"--jobs {j}"] : Array.Empty<string>(),
            .. parse.GetValue(dataDirectory) is { } directory
                ? [$"--data-dir {CommandConsole.Quoted(directory)}"]
                : Array.Empty<string>(),
        ];
        return $"{console.Program} sweep {CommandConsole.Quoted(path)} {string.Join(' ', options)}";
    }
}
