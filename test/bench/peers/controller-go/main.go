// A minimal controller on controller-runtime, the yardstick for ours: for each LoomVideo it makes the Job, follows it and
// writes the status twice, when the Job is there and when it is complete. It has no caps, retries, reports, Events,
// finalizer or TTL, unless -full asks for the last two.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	manager   = "loomvideo-controller"
	finalizer = "qudemo.dev/purge"
)

var group = schema.GroupVersion{Group: "qudemo.dev", Version: "v1alpha1"}

// LoomVideo is as much of the resource as this controller reads and writes.
type LoomVideo struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              runtime.RawExtension `json:"spec,omitempty"`
	Status            Status               `json:"status,omitempty"`
}

type Status struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Phase              string             `json:"phase,omitempty"`
	Stage              string             `json:"stage,omitempty"`
	Attempts           int64              `json:"attempts,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
	Job                *JobRef            `json:"job,omitempty"`
	StartedAt          string             `json:"startedAt,omitempty"`
	FinishedAt         string             `json:"finishedAt,omitempty"`
}

type JobRef struct {
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

type LoomVideoList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LoomVideo `json:"items"`
}

func (in *LoomVideo) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	in.Spec.DeepCopyInto(&out.Spec)
	out.Status.Conditions = append([]metav1.Condition(nil), in.Status.Conditions...)
	if in.Status.Job != nil {
		job := *in.Status.Job
		out.Status.Job = &job
	}
	return &out
}

func (in *LoomVideoList) DeepCopyObject() runtime.Object {
	out := *in
	out.Items = make([]LoomVideo, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].DeepCopyObject().(*LoomVideo)
	}
	return &out
}

type reconciler struct {
	client.Client
	scheme *runtime.Scheme
	// The Job as the operator posts it, for all but its names.
	template batchv1.Job
	full     bool
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var video LoomVideo
	if err := r.Get(ctx, request.NamespacedName, &video); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if video.DeletionTimestamp != nil {
		if controllerutil.RemoveFinalizer(&video, finalizer) {
			return ctrl.Result{}, client.IgnoreNotFound(r.Update(ctx, &video))
		}
		return ctrl.Result{}, nil
	}
	var job batchv1.Job
	key := types.NamespacedName{Namespace: video.Namespace, Name: "loomvideo-" + video.Name}
	switch err := r.Get(ctx, key, &job); {
	case apierrors.IsNotFound(err):
		if r.full && controllerutil.AddFinalizer(&video, finalizer) {
			if err := r.Update(ctx, &video); err != nil {
				return ctrl.Result{}, err
			}
		}
		job = *r.template.DeepCopy()
		job.Name, job.Namespace, job.OwnerReferences = key.Name, key.Namespace, nil
		for _, labels := range []map[string]string{job.Labels, job.Spec.Template.Labels} {
			labels["qudemo.dev/video-uid"] = string(video.UID)
		}
		for _, annotations := range []map[string]string{job.Annotations, job.Spec.Template.Annotations} {
			annotations["qudemo.dev/video"] = video.Name
		}
		if err := controllerutil.SetControllerReference(&video, &job, r.scheme); err != nil {
			return ctrl.Result{}, err
		}
		if err := r.Create(ctx, &job); err != nil && !apierrors.IsAlreadyExists(err) {
			return ctrl.Result{}, err
		}
	case err != nil:
		return ctrl.Result{}, err
	}
	if err := r.follow(ctx, &video, &job); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, nil
}

func (r *reconciler) follow(ctx context.Context, video *LoomVideo, job *batchv1.Job) error {
	done := false
	for _, condition := range job.Status.Conditions {
		done = done || condition.Type == batchv1.JobComplete && condition.Status == corev1.ConditionTrue
	}
	phase, status, reason := "Running", metav1.ConditionFalse, "Running"
	if done {
		phase, status, reason = "Ready", metav1.ConditionTrue, "Completed"
	}
	if video.Status.Phase != phase && video.Status.Phase != "Ready" {
		now := metav1.Now()
		conditions := []metav1.Condition{}
		types := []string{"Downloaded", "Validated", "Transcribed", "Embedded", "CleanedUp", "MemoryStable", "Ready"}
		if !done {
			types = append(types, "Reconciling")
		}
		for _, kind := range types {
			is := status
			if kind == "Reconciling" {
				is = metav1.ConditionTrue
			}
			conditions = append(conditions, metav1.Condition{
				Type: kind, Status: is, Reason: reason, Message: "The video is searchable.",
				ObservedGeneration: video.Generation, LastTransitionTime: now,
			})
		}
		video.Status.Phase = phase
		video.Status.ObservedGeneration = video.Generation
		video.Status.Attempts = 1
		video.Status.Job = &JobRef{Name: job.Name, UID: string(job.UID)}
		video.Status.Conditions = conditions
		if done {
			video.Status.FinishedAt = now.UTC().Format(time.RFC3339)
		} else {
			video.Status.StartedAt = now.UTC().Format(time.RFC3339)
		}
		if err := r.Status().Update(ctx, video); err != nil {
			return err
		}
	}
	if r.full && done && job.Spec.TTLSecondsAfterFinished == nil {
		patch := []byte(`{"spec":{"ttlSecondsAfterFinished":3600}}`)
		return client.IgnoreNotFound(r.Patch(ctx, job, client.RawPatch(types.MergePatchType, patch)))
	}
	return nil
}

func main() {
	kubeconfig := flag.String("config", "", "kubeconfig")
	namespace := flag.String("namespace", "default", "namespace that is watched")
	template := flag.String("job", "", "JSON of the Job to make")
	workers := flag.Int("workers", 4, "videos worked on at once")
	full := flag.Bool("full", false, "also set a finalizer and the Job's TTL")
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	if err := run(*kubeconfig, *namespace, *template, *workers, *full); err != nil {
		ctrl.Log.Error(err, "ended")
		os.Exit(1)
	}
}

func run(kubeconfig, namespace, template string, workers int, full bool) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// No limit, as controller-runtime's own configuration has it.
	config.QPS = -1
	text, err := os.ReadFile(template)
	if err != nil {
		return err
	}
	r := &reconciler{full: full}
	if err := json.Unmarshal(text, &r.template); err != nil {
		return err
	}
	r.scheme = runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(r.scheme); err != nil {
		return err
	}
	r.scheme.AddKnownTypeWithName(group.WithKind("LoomVideo"), &LoomVideo{})
	r.scheme.AddKnownTypeWithName(group.WithKind("LoomVideoList"), &LoomVideoList{})
	metav1.AddToGroupVersion(r.scheme, group)
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:  r.scheme,
		Metrics: server.Options{BindAddress: "0"},
		Cache:   cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
	})
	if err != nil {
		return err
	}
	r.Client = mgr.GetClient()
	err = ctrl.NewControllerManagedBy(mgr).
		For(&LoomVideo{}).
		Owns(&batchv1.Job{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
	if err != nil {
		return err
	}
	return mgr.Start(ctrl.SetupSignalHandler())
}
